//! Lists with quality values: `Accept`, `Accept-Encoding`, `Accept-Language` (RFC 9110, section 12.4.2).

use poem::http::{HeaderMap, HeaderName};

/// Ranges read at most; no client sends so many.
const MAX_RANGES: usize = 64;

/// Every range of the header with its quality, 0 to 1, in the order sent. An invalid quality counts as 0, so it is
/// never preferred.
pub fn ranges<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<(&'a str, f32)> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(range).take(MAX_RANGES).collect()
}

fn range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = quality.map_or(Some(1.0), |quality| quality.parse::<f32>().ok());
    Some((range, quality.filter(|quality| (0.0..=1.0).contains(quality)).unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use poem::http::header::ACCEPT_LANGUAGE;

    use super::*;

    #[test]
    fn ranges_are_parsed_with_their_quality() {
        let mut headers = HeaderMap::new();
        for value in
            ["de, en;q=0.5 ,,;q=1", "fr;q=0.000;x=1, ja;level=1;Q=0.3, es;q=x, ar;q=7, pt;q=inf, nl;q=NaN, it;q=-1"]
        {
            headers.append(ACCEPT_LANGUAGE, value.parse().expect("a value"));
        }
        let expected = [
            ("de", 1.0),
            ("en", 0.5),
            ("fr", 0.0),
            ("ja", 0.3),
            ("es", 0.0),
            ("ar", 0.0),
            ("pt", 0.0),
            ("nl", 0.0),
            ("it", 0.0),
        ];
        assert_eq!(ranges(&headers, &ACCEPT_LANGUAGE), expected);
        let many = "de,".repeat(5000);
        headers.insert(ACCEPT_LANGUAGE, many.parse().expect("a value"));
        assert_eq!(ranges(&headers, &ACCEPT_LANGUAGE).len(), MAX_RANGES);
    }
}
