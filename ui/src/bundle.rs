//! JavaScript that is no part of the first load: a module per bundle, fetched when the first
//! component that needs it is drawn, and kept.

use crate::failure::Failure;
use crate::strings::charts::charts;
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Where the page finds the addresses of its bundles, by name.
const ADDRESSES: &str = "linceiBundles";

#[wasm_bindgen(inline_js = "export const importModule = (address) => import(address);")]
extern "C" {
    #[wasm_bindgen(js_name = importModule)]
    fn import_module(address: &str) -> Promise;
}

thread_local! {
    static LOADED: RefCell<BTreeMap<String, Promise>> = const { RefCell::new(BTreeMap::new()) };
    static FAILED: Cell<u32> = const { Cell::new(0) };
}

/// The module `name` (`chart.js`). It is fetched once; a failed attempt can be repeated.
pub(crate) async fn load(name: &str) -> Result<JsValue, Failure> {
    let known = LOADED.with_borrow(|loaded| loaded.get(name).cloned());
    let promise = match known {
        Some(promise) => promise,
        None => {
            let mut address = address(name).ok_or_else(|| missing(name))?;
            // Browsers remember that the module of an address could not be had.
            match FAILED.get() {
                0 => {}
                times => address.push_str(&format!("?again={times}")),
            }
            let promise = import_module(&address);
            LOADED.with_borrow_mut(|loaded| loaded.insert(name.to_owned(), promise.clone()));
            promise
        }
    };
    JsFuture::from(promise).await.map_err(|error| {
        web_sys::console::warn_1(&error);
        LOADED.with_borrow_mut(|loaded| loaded.remove(name));
        FAILED.set(FAILED.get() + 1);
        missing(name)
    })
}

fn missing(name: &str) -> Failure {
    Failure::Malformed((charts().part_missing)(name))
}

fn address(name: &str) -> Option<String> {
    let addresses = Reflect::get(&js_sys::global(), &ADDRESSES.into()).ok()?;
    Reflect::get(&addresses, &name.into()).ok()?.as_string()
}

/// Calls a function or method of a bundle; `None` when it failed, which the console says.
pub(crate) fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let arguments: Array = arguments.iter().collect();
    let result = Reflect::get(object, &method.into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|function| function.apply(object, &arguments));
    result.inspect_err(web_sys::console::warn_1).ok()
}
