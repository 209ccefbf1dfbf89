//! What a component must not exceed before anybody tries to compile it.

use crate::error::HostError;
use wasmparser::{Parser, Payload};

/// Bytes of a component.
const COMPONENT_BYTES_MAX: usize = 64 << 20;
/// Functions of all modules together.
const FUNCTIONS_MAX: u32 = 100_000;
/// Bytes of one function: the largest of CPython, its loop over byte code, has 90 Ki.
const BODY_BYTES_MAX: usize = 512 << 10;
/// Local variables of one function: time and memory of the register allocator grow with their product
/// with the number of blocks.
const LOCALS_MAX: u32 = 5_000;
/// The same as a sum over bytes of functions that have more locals than usual.
const LOCALS_TIMES_BYTES_MAX: u64 = 256 << 20;
/// Modules and components inside each other or side by side.
const MODULES_MAX: u32 = 200;

/// Reads all sections once.
pub(super) fn check(bytes: &[u8]) -> Result<(), HostError> {
    if bytes.len() > COMPONENT_BYTES_MAX {
        let detail = format!("the plugin has {} bytes, at most {COMPONENT_BYTES_MAX} are allowed", bytes.len());
        return Err(HostError::TooLarge { detail });
    }
    let mut sums = Sums::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload
            .map_err(|error| HostError::invalid(format!("this is no WebAssembly module or component: {error}")))?;
        match payload {
            Payload::CodeSectionStart { count, .. } => sums.functions = sums.functions.saturating_add(count),
            Payload::CodeSectionEntry(body) => sums.function(&body)?,
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => sums.modules += 1,
            _ => {}
        }
        sums.check()?;
    }
    Ok(())
}

#[derive(Default)]
struct Sums {
    functions: u32,
    modules: u32,
    locals_times_bytes: u64,
}

impl Sums {
    fn function(&mut self, body: &wasmparser::FunctionBody<'_>) -> Result<(), HostError> {
        let bytes = body.range().len();
        let invalid =
            |error: wasmparser::BinaryReaderError| HostError::invalid(format!("a function is broken: {error}"));
        let mut locals = 0u32;
        for group in body.get_locals_reader().map_err(invalid)? {
            locals = locals.saturating_add(group.map_err(invalid)?.0);
        }
        if bytes > BODY_BYTES_MAX || locals > LOCALS_MAX {
            let detail = format!(
                "a function has {bytes} bytes and {locals} local variables; at most {BODY_BYTES_MAX} and {LOCALS_MAX} \
                 are allowed"
            );
            return Err(HostError::TooLarge { detail });
        }
        self.locals_times_bytes += u64::from(locals) * bytes as u64;
        Ok(())
    }

    fn check(&self) -> Result<(), HostError> {
        let refuse = |detail: String| Err(HostError::TooLarge { detail });
        if self.functions > FUNCTIONS_MAX {
            return refuse(format!("{} functions, at most {FUNCTIONS_MAX} are allowed", self.functions));
        }
        if self.modules > MODULES_MAX {
            return refuse(format!("more than {MODULES_MAX} modules in one component"));
        }
        if self.locals_times_bytes > LOCALS_TIMES_BYTES_MAX {
            return refuse("its functions have too many local variables for their size".to_owned());
        }
        Ok(())
    }
}
