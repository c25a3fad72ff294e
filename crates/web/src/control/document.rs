//! The control API as `OpenAPI` 3.1 knows it, made from the table that routes it.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::problem::ProblemBody;
use super::routes::{Describe, Method, ROUTES, Route};

/// A part of an `OpenAPI` document.
pub(crate) struct Document {
    pub(crate) paths: Map<String, Value>,
    /// What the paths refer to, by their names.
    pub(crate) schemas: Map<String, Value>,
}

/// All addresses of the control API.
pub(crate) fn document() -> Document {
    let settings = SchemaSettings::openapi3().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.transforms.clear();
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation(route, &mut generator);
    }
    generator.subschema_for::<ProblemBody>();
    Document { paths, schemas: generator.take_definitions(true) }
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let Route { summary, media_type, .. } = route;
    let scope = route.scope.as_str();
    let mut parameters = in_path(route.path);
    parameters.extend(route.query.iter().flat_map(|query| in_query(*query)));
    if route.method == Method::Post {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same key with the same request gets the same answer for a day.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }));
    }
    // What comes on and on has no body that a schema could tell.
    let content = match *media_type {
        "text/event-stream" => json!({}),
        _ => json!({"schema": (route.answer)(generator)}),
    };
    let problem = generator.subschema_for::<ProblemBody>();
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": summary,
        "description": format!("Needs a token of the scope `{scope}`, where tokens are needed."),
        "tags": [tag(route.path)],
        "security": if scope == "read" { json!([{}, {"bearer": []}]) } else { json!([{"bearer": []}]) },
        "parameters": parameters,
        "responses": {
            route.status.to_string(): {
                "description": "Done.",
                "content": {*media_type: content},
            },
            "default": {
                "description": "Not done: the body says why.",
                "content": {"application/problem+json": {"schema": problem}},
            },
        },
    });
    if let Some(body) = route.body {
        operation["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": body(generator)}},
        });
        if let Some(examples) = body_examples(route.path) {
            operation["requestBody"]["content"]["application/json"]["examples"] = examples;
        }
    }
    operation
}

/// Such as `post-pipeline-runs-id-cancel`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(['/', '{', '}']).filter(|word| !word.is_empty());
    let method = route.method.as_str().to_ascii_lowercase();
    std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("-")
}

fn tag(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("cache" | "cards") => "Cache",
        Some("clients") => "Clients",
        _ => "Pipeline",
    }
}

fn in_path(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let schema = if name == "id" {
            json!({"type": "integer", "minimum": 0})
        } else {
            json!({"type": "string"})
        };
        let mut parameter = json!({"name": name, "in": "path", "required": true, "schema": schema});
        if let Some(example) = example_in_path(path, name) {
            parameter["example"] = example.into();
        }
        parameter
    };
    names.map(parameter).collect()
}

/// Each property of the query's object is a parameter.
fn in_query(query: Describe) -> Vec<Value> {
    // On its own, so that it is no schema of the document.
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = query(&mut settings.into_generator()).to_value();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let parameter = |(name, mut schema): (String, Value)| {
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let required = required.contains(&Value::from(name.as_str()));
        let mut parameter =
            json!({"name": name, "in": "query", "required": required, "schema": schema});
        if let Some(description) = description {
            parameter["description"] = description;
        }
        parameter
    };
    properties.into_iter().map(parameter).collect()
}

/// A text that does something on a mirror as it comes.
fn example_in_path(path: &str, name: &str) -> Option<&'static str> {
    Some(match (name, path.split('/').nth(1)?) {
        ("category", _) => "popular",
        ("kind", _) => "movie",
        ("name", "pipeline") => "refresh",
        _ => return None,
    })
}

/// What is sent most often, where a schema alone leaves one guessing.
fn body_examples(path: &str) -> Option<Value> {
    let example = |summary: &str, value: Value| json!({"summary": summary, "value": value});
    Some(match path {
        "/clients" => json!({"app": example("An app of one's own", json!({"name": "my-app"}))}),
        "/pipeline/run" => json!({
            "quick": example("A run that has a name", json!({"update_type": "quick"})),
            "custom": example(
                "The first page of two lists, and no waiting for their titles",
                json!({
                    "categories": ["popular", "top_rated"],
                    "pages_per_category": 1,
                    "enrich": false,
                }),
            ),
        }),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_every_reference_is_there() {
        let Document { paths, schemas } = document();
        for route in ROUTES {
            let method = route.method.as_str().to_ascii_lowercase();
            assert!(paths[route.path][&method].is_object(), "{}", route.path);
        }
        let text = serde_json::to_string(&(&paths, &schemas)).unwrap();
        let mut references = 0;
        for found in text.split("\"#/components/schemas/").skip(1) {
            let name = found.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "there is no schema {name}");
            references += 1;
        }
        assert!(references > ROUTES.len());
    }

    #[test]
    fn parameters_are_those_of_path_and_query() {
        let Document { paths, .. } = document();
        let names = |path: &str, method: &str| -> Vec<String> {
            let parameters = paths[path][method]["parameters"].as_array().unwrap();
            parameters.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("/pipeline/runs", "get"), ["limit", "status"]);
        assert_eq!(names("/cards/{kind}/{id}", "get"), ["kind", "id"]);
        assert_eq!(names("/pipeline/run", "post"), ["Idempotency-Key"]);
        let limit = &paths["/pipeline/runs"]["get"]["parameters"][0];
        assert_eq!((&limit["schema"]["default"], &limit["required"]), (&json!(20), &json!(false)));
        let body = &paths["/pipeline/run"]["post"]["requestBody"]["content"]["application/json"];
        assert!(body["schema"].is_object());
    }
}
