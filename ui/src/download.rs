//! An answer of SQL as a file.

use crate::client::{Client, Refusal};
use crate::failure::Failure;
use lincei_api::{ARROW_STREAM, CSV, NDJSON, PARQUET, Problem, SqlRequest};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, BlobPropertyBag, ReadableStreamDefaultReader, Response};

/// A form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    NdJson,
    Parquet,
    Arrow,
}

impl Form {
    /// As its users write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::NdJson => "NDJSON",
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
        }
    }

    /// The end of a file's name, without the dot.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::NdJson => "ndjson",
            Self::Parquet => "parquet",
            Self::Arrow => "arrows",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => CSV,
            Self::NdJson => NDJSON,
            Self::Parquet => PARQUET,
            Self::Arrow => ARROW_STREAM,
        }
    }
}

/// Asks, and reads the answer to its end; `on_bytes` is told how much there is. An answer that breaks off
/// is an error, never a short file.
pub(crate) async fn fetch(
    client: Client,
    request: &SqlRequest,
    form: Form,
    abort: &AbortSignal,
    on_bytes: impl Fn(u64),
) -> Result<Blob, Refusal> {
    let response = client.stream("/sql", request, form.media_type(), abort).await?;
    let chunks = read_all(&response, on_bytes).await?;
    if form == Form::NdJson
        && let Some(problem) = problem_in(&last_line(&chunks))
    {
        return Err(Failure::Problem(Box::new(problem)).into());
    }
    let options = BlobPropertyBag::new();
    options.set_type(form.media_type());
    Blob::new_with_u8_array_sequence_and_options(&chunks, &options)
        .map_err(|error| Refusal::Failed(Failure::Malformed(format!("{error:?}"))))
}

async fn read_all(response: &Response, on_bytes: impl Fn(u64)) -> Result<js_sys::Array, Refusal> {
    let broken = |_: JsValue| Refusal::Failed(Failure::Offline);
    let body = response.body().ok_or(Refusal::Failed(Failure::Offline))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let chunks = js_sys::Array::new();
    let mut bytes = 0;
    loop {
        let step = JsFuture::from(reader.read()).await.map_err(broken)?;
        let part = |name: &str| js_sys::Reflect::get(&step, &name.into()).map_err(broken);
        if part("done")?.is_truthy() {
            return Ok(chunks);
        }
        let chunk: js_sys::Uint8Array = part("value")?.unchecked_into();
        bytes += u64::from(chunk.length());
        chunks.push(&chunk);
        on_bytes(bytes);
    }
}

/// The last line, in however many chunks it came.
fn last_line(chunks: &js_sys::Array) -> String {
    let mut end = Vec::new();
    for chunk in chunks.iter().collect::<Vec<_>>().into_iter().rev() {
        let mut bytes = chunk.unchecked_into::<js_sys::Uint8Array>().to_vec();
        bytes.append(&mut end);
        end = bytes;
        if end.trim_ascii_end().contains(&b'\n') {
            break;
        }
    }
    String::from_utf8_lossy(&end).trim_end().lines().next_back().unwrap_or_default().to_owned()
}

/// NDJSON that breaks off says why in its last line, alone under the name `error`.
fn problem_in(line: &str) -> Option<Problem> {
    let mut value: serde_json::Value = serde_json::from_str(line).ok().filter(|_| line.starts_with("{\"error\":"))?;
    serde_json::from_value(value.get_mut("error")?.take()).ok()
}
