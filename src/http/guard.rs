//! What stands before every route, those that do not exist and the health checks too,
//! as exporter-toolkit has it: who may pass, and the configured headers.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::security::Current;

/// Lets a request through to the routes, or not.
pub async fn guard(State(current): State<Current>, request: Request, next: Next) -> Response {
    let security = current.borrow().clone();
    let admitted = match &security.users {
        None => true,
        Some(users) => match credentials(request.headers()) {
            Some((user, password)) => users.admit(&user, password).await,
            None => false,
        },
    };
    let mut response = match admitted {
        true => next.run(request).await,
        false => {
            let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"pglens\"")];
            (StatusCode::UNAUTHORIZED, challenge, "unauthorized\n").into_response()
        }
    };
    for (name, value) in &security.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

/// User and password of `Authorization: Basic …`.
fn credentials(headers: &HeaderMap) -> Option<(String, Vec<u8>)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let user = str::from_utf8(&decoded[..colon]).ok()?;
    Some((user.to_owned(), decoded[colon + 1..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_as_rfc_7617_writes_them() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            credentials(&headers)
        };
        let encoded = BASE64_STANDARD.encode("alice:se:cret");
        assert_eq!(read(&format!("bAsIc {encoded}")), Some(("alice".into(), b"se:cret".to_vec())));
        for bad in ["Bearer x", "Basic", "Basic !", "Basic YWxpY2U=", "Basic /w==:"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
