//! Template values, parsed from the source of the views: for hints and `docs/design.md`.

use std::{fs, path::Path};

use quote::ToTokens as _;
use syn::{Attribute, Expr, Fields, ImplItem, Item, Lit, Meta, ReturnType, Visibility};

/// A struct that templates see.
#[derive(Debug, Clone, Default)]
pub struct Struct {
    pub name: String,
    pub doc: String,
    /// Its template in `templates/`; empty for mails and parts.
    pub template: String,
    /// Fields, then methods.
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub struct Field {
    /// A method ends with `()`.
    pub name: String,
    /// The type, for designers.
    pub kind: String,
    pub doc: String,
}

/// Every public struct of the views, in the order of the files.
#[must_use]
pub fn structs(root: &Path) -> Vec<Struct> {
    let source = root.join("views/src");
    let mut paths: Vec<_> = [source.join("pages"), source]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    paths.sort();
    let files: Vec<syn::File> =
        paths.iter().filter_map(|path| syn::parse_file(&fs::read_to_string(path).ok()?).ok()).collect();
    let items: Vec<&Item> = files.iter().flat_map(|file| &file.items).collect();

    let mut structs: Vec<Struct> = items.iter().filter_map(|item| read_struct(item)).collect();
    for item in items {
        let Item::Impl(methods) = item else { continue };
        if methods.trait_.is_some() {
            continue;
        }
        let name = methods.self_ty.to_token_stream().to_string();
        if let Some(owner) = structs.iter_mut().find(|owner| owner.name == name) {
            owner.fields.extend(methods.items.iter().filter_map(read_method));
        }
    }
    structs
}

fn read_struct(item: &Item) -> Option<Struct> {
    let Item::Struct(found) = item else { return None };
    let Fields::Named(fields) = &found.fields else { return None };
    if !matches!(found.vis, Visibility::Public(_)) {
        return None;
    }
    let fields = fields.named.iter().filter_map(|field| {
        Some(Field {
            name: field.ident.as_ref()?.to_string(),
            kind: kind(&field.ty.to_token_stream().to_string()),
            doc: doc(&field.attrs),
        })
    });
    Some(Struct {
        name: found.ident.to_string(),
        doc: doc(&found.attrs),
        template: template(&found.attrs),
        fields: fields.collect(),
    })
}

/// A method without arguments.
fn read_method(item: &ImplItem) -> Option<Field> {
    let ImplItem::Fn(method) = item else { return None };
    let takes_nothing = method.sig.inputs.len() == 1 && method.sig.receiver().is_some();
    let ReturnType::Type(_, returned) = &method.sig.output else { return None };
    if !takes_nothing || !matches!(method.vis, Visibility::Public(_)) {
        return None;
    }
    Some(Field {
        name: format!("{}()", method.sig.ident),
        kind: kind(&returned.to_token_stream().to_string()),
        doc: doc(&method.attrs),
    })
}

fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// The path in `#[template(path = "…")]`.
fn template(attributes: &[Attribute]) -> String {
    let tokens = attributes
        .iter()
        .find(|attribute| attribute.path().is_ident("template"))
        .map(|attribute| attribute.meta.to_token_stream().to_string());
    tokens.as_deref().and_then(|tokens| tokens.split('"').nth(1)).unwrap_or_default().to_owned()
}

/// Name of a type, for designers.
fn kind(tokens: &str) -> String {
    let flat = tokens.replace(' ', "").replace("Cow<'static,str>", "String").replace("&'static", "&");
    let inner = |prefix: &str| flat.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>')).map(kind);
    if let Some(inner) = inner("Vec<") {
        return format!("list of {inner}");
    }
    if let Some(inner) = inner("Arc<") {
        return inner;
    }
    match flat.as_str() {
        "String" | "&str" | "Safe<&str>" => "text".to_owned(),
        "bool" => "yes or no".to_owned(),
        "usize" => "number".to_owned(),
        "Message" => "text of `locales/`".to_owned(),
        "BTreeMap<String,String>" => "URLs by name".to_owned(),
        other => other.to_owned(),
    }
}
