//! Embeds `static/`: each file uncompressed, gzip and Brotli, under a name that contains its hash.

use std::{env, error::Error, fmt::Write as _, fs, io::Write as _, path::Path};

use sha2::{Digest as _, Sha256};

/// Hexadecimal digits of the hash in a name.
const HASH_DIGITS: usize = 16;

/// Shared with the program.
mod files {
    #![allow(dead_code, reason = "the program uses the rest")]
    include!("views/src/files.rs");
}

fn main() -> Result<(), Box<dyn Error>> {
    // Folders, so that added files are noticed.
    for folder in ["static", "templates/gallery", "migrations", "views/src/files.rs"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);

    let mut paths = fs::read_dir(Path::new(&root).join("static"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    // static/gallery is for designers alone; src/web/gallery.rs serves it.
    paths.retain(|path| {
        path.is_file() && !path.file_name().is_some_and(|name| files::is_leftover(&name.to_string_lossy()))
    });
    paths.sort();

    let mut list = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    for path in paths {
        let plain_path = path.to_str().ok_or("a path that is not UTF-8")?;
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name that is not UTF-8")?;
        let (stem, extension) = name.rsplit_once('.').ok_or("a name without an extension")?;
        let content_type = files::media_type(extension).ok_or_else(|| {
            format!("static/{name}: only {} are served; see views/src/files.rs", files::ENDINGS.join(", "))
        })?;
        let content = fs::read(&path)?;
        let hash = Sha256::digest(&content).iter().fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}");
            hash
        });
        let hash = &hash[..HASH_DIGITS];

        let gzip_path = out.join(format!("{name}.gz"));
        let mut gzip = flate2::write::GzEncoder::new(fs::File::create(&gzip_path)?, flate2::Compression::best());
        gzip.write_all(&content)?;
        gzip.finish()?;

        let brotli_path = out.join(format!("{name}.br"));
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
        brotli::BrotliCompress(&mut content.as_slice(), &mut fs::File::create(&brotli_path)?, &parameters)?;

        writeln!(
            list,
            "    Asset {{ name: Cow::Borrowed({name:?}), url: Cow::Borrowed(\"/static/{stem}.{hash}.{extension}\"), \
             hash: Cow::Borrowed({hash:?}), content_type: {content_type:?}, \
             plain: Cow::Borrowed(include_bytes!({plain_path:?})), \
             gzip: Cow::Borrowed(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.gz\"))), \
             brotli: Cow::Borrowed(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.br\"))) }},",
        )?;
    }
    list.push_str("];\n");
    fs::write(out.join("assets.rs"), list)?;
    Ok(())
}
