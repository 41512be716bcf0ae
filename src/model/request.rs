//! An HTTP request as its caller describes it.

use super::Text;

/// One HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Upper-case where known: `GET`, `DELETE`.
    pub method: Text,
    /// Lower-case host without port and user; `api.example.com`, `127.0.0.1`.
    pub host: Text,
    /// Path with leading `/`, percent-decoded, without query: `/v2/instances/1`.
    pub path: Text,
    /// Query without `?`, as written.
    pub query: Text,
    /// Header names (lower-case) and values; the values may hold credentials.
    pub headers: Vec<(String, Text)>,
    /// What is sent.
    pub body: Body,
    /// It goes another way than the host's name says: through a proxy or a tunnel, to an address
    /// that the caller gave. The name of this machine then means another one.
    pub diverted: bool,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// Text, perhaps with holes; `graphql` holds the operations that were read out of it.
    Text {
        /// The bytes, as far as they are known and UTF-8.
        text: Text,
        /// What its GraphQL documents do; empty where it is no GraphQL.
        graphql: Vec<GraphqlOperation>,
        /// It looks like GraphQL, but could not be read to its end.
        unreadable: bool,
    },
    /// Something is sent that guard cannot know: a pipe, a file that it cannot read.
    Unknown {
        /// What it is, for messages: `standard input`, `@body.json: no such file`.
        what: String,
    },
}

/// The kind of a GraphQL operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphqlKind {
    /// Reads.
    Query,
    /// Changes.
    Mutation,
    /// Listens.
    Subscription,
}

/// One operation of a GraphQL document; fragments are resolved into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphqlOperation {
    /// Query, mutation or subscription.
    pub kind: GraphqlKind,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its top-level fields by their real names, whatever their aliases.
    pub fields: Vec<GraphqlField>,
}

/// A top-level field of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphqlField {
    /// The field's real name: `volumeDelete`.
    pub name: String,
    /// Arguments with their values as text (strings without quotes, variables replaced by their
    /// JSON values where known): `("volumeId", "3d2c…")`.
    pub arguments: Vec<(String, Text)>,
}
