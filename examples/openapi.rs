//! Prints the OpenAPI document; `./scripts/openapi` writes it to `openapi.json`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", vestibule::web::openapi::document().to_pretty_json()?);
    Ok(())
}
