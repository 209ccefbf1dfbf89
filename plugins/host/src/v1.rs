//! Version 1 of the plugin interface, made from `plugins/wit/v1`: types, and traits that
//! [`Guest`](crate::guest::Guest) implements. Interfaces that several worlds import are made once.

pub(crate) mod operator {
    wasmtime::component::bindgen!({
        path: "../wit/v1",
        world: "operator",
        imports: { default: trappable },
        with: {
            "lincei:plugin/kernels.batch": crate::guest::BatchHandle,
            "lincei:plugin/kernels.mask": crate::guest::MaskHandle,
        },
    });
}

pub(crate) mod function {
    wasmtime::component::bindgen!({
        path: "../wit/v1",
        world: "function",
        imports: { default: trappable },
        with: {
            "lincei:plugin/columns": super::operator::lincei::plugin::columns,
            "lincei:plugin/log": super::operator::lincei::plugin::log,
        },
    });
}

pub(crate) mod rule {
    wasmtime::component::bindgen!({
        path: "../wit/v1",
        world: "rule",
        imports: { default: trappable },
        with: {
            "lincei:plugin/log": super::operator::lincei::plugin::log,
            "lincei:plugin/metrics": super::operator::lincei::plugin::metrics,
        },
    });
}

pub(crate) mod notifier {
    wasmtime::component::bindgen!({
        path: "../wit/v1",
        world: "notifier",
        imports: { default: trappable },
        with: {
            "lincei:plugin/log": super::operator::lincei::plugin::log,
            "lincei:plugin/state": super::operator::lincei::plugin::state,
            "lincei:plugin/oncall": super::rule::lincei::plugin::oncall,
        },
    });
}

pub(crate) mod escalation {
    wasmtime::component::bindgen!({
        path: "../wit/v1",
        world: "escalation",
        imports: { default: trappable },
        with: {
            "lincei:plugin/log": super::operator::lincei::plugin::log,
            "lincei:plugin/metrics": super::operator::lincei::plugin::metrics,
            "lincei:plugin/oncall": super::rule::lincei::plugin::oncall,
        },
    });
}

pub(crate) use operator::lincei::plugin::{clock as clock_host, columns, kernels, log, metrics, operators, state};
