//! Prints the OpenAPI document; `./scripts/openapi` keeps it as `openapi.json`.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", vestibule::web::openapi::document().to_pretty_json()?);
    Ok(())
}
