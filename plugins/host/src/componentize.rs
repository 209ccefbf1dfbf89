//! From what a compiler made to a component.

use crate::error::HostError;
use crate::kind::PluginKind;
use std::borrow::Cow;
use wasmparser::{Encoding, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

/// The system interface of version 1, answered without giving anything: for toolchains whose runtime asks
/// for it.
const WASI_STUB: &str = include_str!("../../sdk/go/wasi_stub.wat");
const WASI_PREVIEW1: &str = "wasi_snapshot_preview1";
/// Start of the names of custom sections that hold a component's type.
const TYPE_SECTION: &str = "component-type";

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComponentSource {
    /// A component already.
    Component,
    /// A module that says which world it implements.
    TypedModule,
    /// A module that does not.
    PlainModule,
}

impl ComponentSource {
    /// Looks at the outermost sections.
    ///
    /// # Errors
    /// [`HostError::Invalid`] when it is no WebAssembly.
    pub fn of(bytes: &[u8]) -> Result<Self, HostError> {
        let not_wasm = |error: wasmparser::BinaryReaderError| {
            HostError::invalid(format!("this is no WebAssembly module or component: {error}"))
        };
        let mut found = Self::PlainModule;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(not_wasm)? {
                Payload::Version { encoding: Encoding::Component, .. } => return Ok(Self::Component),
                Payload::CustomSection(section) if section.name().starts_with(TYPE_SECTION) => {
                    found = Self::TypedModule;
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// # Errors
    /// [`HostError::Invalid`] for a module that does not say which world it implements.
    pub(crate) fn with_world(self) -> Result<Self, HostError> {
        match self {
            Self::Component | Self::TypedModule => Ok(self),
            Self::PlainModule => Err(HostError::invalid(
                "this module does not say which world it implements: build it with `lincei plugin build`, or with \
                 bindings made from the WIT package lincei:plugin",
            )),
        }
    }
}

fn resolve(files: &[(&str, &str)]) -> Result<(Resolve, wit_parser::PackageId), HostError> {
    let mut sources = wit_parser::SourceMap::new();
    for (name, text) in files {
        sources.push_str(name, *text);
    }
    let broken = |detail: String| HostError::Engine { detail: format!("the interface is broken: {detail}") };
    let group = sources.parse().map_err(|(_, error)| broken(error.to_string()))?;
    let mut resolve = Resolve::default();
    let package = resolve.push_group(group).map_err(|error| broken(error.to_string()))?;
    Ok((resolve, package))
}

/// Writes into a module which world of `lincei:plugin` it implements.
///
/// # Errors
/// [`HostError::Invalid`] when it is no module.
pub fn embed(module: &[u8], kind: PluginKind) -> Result<Vec<u8>, HostError> {
    let (resolve, package) = resolve(&crate::WIT_V1)?;
    let world = resolve.select_world(&[package], Some(kind.as_str()));
    let world = world.map_err(|error| HostError::Engine { detail: format!("{error:#}") })?;
    let mut typed = module.to_vec();
    wit_component::embed_component_metadata(&mut typed, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| HostError::invalid(format!("the module cannot say which world it implements: {error:#}")))?;
    Ok(typed)
}

/// A component of what was uploaded: a component as it is, a module that says which world it implements
/// wrapped into one. What a module says of its world is read without bounds: of what is not one's own,
/// only in the process that compiles.
///
/// # Errors
/// [`HostError::Invalid`] when it is neither, or the module does not fit its world.
pub fn to_component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, HostError> {
    if ComponentSource::of(bytes)?.with_world()? == ComponentSource::Component {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut encoder =
        ComponentEncoder::default().validate(true).module(bytes).map_err(|error| misfit(&format!("{error:#}")))?;
    if imports_from(bytes, WASI_PREVIEW1) {
        let stub = wat::parse_str(WASI_STUB).map_err(|error| HostError::Engine { detail: error.to_string() })?;
        encoder = encoder.adapter(WASI_PREVIEW1, &stub).map_err(|error| misfit(&format!("{error:#}")))?;
    }
    Ok(Cow::Owned(encoder.encode().map_err(|error| misfit(&format!("{error:#}")))?))
}

fn misfit(detail: &str) -> HostError {
    HostError::invalid(format!("the module does not fit the world that it says it implements: {detail}"))
}

fn imports_from(module: &[u8], name: &str) -> bool {
    Parser::new(0).parse_all(module).any(|payload| match payload {
        Ok(Payload::ImportSection(imports)) => {
            imports.into_imports().any(|import| import.is_ok_and(|import| import.module == name))
        }
        _ => false,
    })
}
