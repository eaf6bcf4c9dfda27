//! The methods of a route, and 405 with `Allow`.

use poem::{
    Endpoint, IntoEndpoint, PathPattern, Request, Response, RouteMethod, error::MethodNotAllowedError, http::Method,
};

use super::error::AppError;
use crate::observability::Route;

/// The method of the request: [`RouteMethod`] passes HEAD to its endpoints as GET.
#[derive(Debug, Clone)]
pub(crate) struct RequestMethod(pub Method);

/// A [`RouteMethod`] that answers other methods with 405 and `Allow` (RFC 9110, section 15.5.6).
pub(crate) struct Resource {
    methods: RouteMethod,
    allow: Vec<Method>,
}

impl Default for Resource {
    fn default() -> Self {
        Self::new()
    }
}

impl Resource {
    #[must_use]
    pub(crate) fn new() -> Self {
        Self { methods: RouteMethod::new(), allow: Vec::new() }
    }

    /// GET and HEAD.
    #[must_use]
    pub(crate) fn get(mut self, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        self.allow.extend([Method::GET, Method::HEAD]);
        Self { methods: self.methods.get(endpoint), ..self }
    }

    #[must_use]
    pub(crate) fn post(mut self, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        self.allow.push(Method::POST);
        Self { methods: self.methods.post(endpoint), ..self }
    }

    #[must_use]
    pub(crate) fn patch(mut self, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        self.allow.push(Method::PATCH);
        Self { methods: self.methods.patch(endpoint), ..self }
    }

    #[must_use]
    pub(crate) fn delete(mut self, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        self.allow.push(Method::DELETE);
        Self { methods: self.methods.delete(endpoint), ..self }
    }
}

impl Endpoint for Resource {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        if let (Some(PathPattern(pattern)), Some(route)) = (request.data::<PathPattern>(), request.data::<Route>()) {
            route.set(pattern);
        }
        let method = RequestMethod(request.method().clone());
        request.extensions_mut().insert(method);
        self.methods.call(request).await.map_err(|error| {
            if error.is::<MethodNotAllowedError>() {
                let allow = self.allow.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
                AppError::MethodNotAllowed(allow).into()
            } else {
                error
            }
        })
    }
}
