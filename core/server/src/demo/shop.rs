//! Who is in the shop and who asks whom: services, their operations, and what each operation calls.

/// One program of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Service {
    Storefront,
    Catalog,
    Search,
    Recommendations,
    Cart,
    Inventory,
    Checkout,
    Payment,
    Shipping,
    Email,
}

impl Service {
    pub(super) const ALL: [Self; 10] = [
        Self::Storefront,
        Self::Catalog,
        Self::Search,
        Self::Recommendations,
        Self::Cart,
        Self::Inventory,
        Self::Checkout,
        Self::Payment,
        Self::Shipping,
        Self::Email,
    ];

    /// `service.name`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Storefront => "storefront",
            Self::Catalog => "catalog",
            Self::Search => "search",
            Self::Recommendations => "recommendations",
            Self::Cart => "cart",
            Self::Inventory => "inventory",
            Self::Checkout => "checkout",
            Self::Payment => "payment",
            Self::Shipping => "shipping",
            Self::Email => "email",
        }
    }

    /// `telemetry.sdk.language`.
    pub(super) const fn language(self) -> &'static str {
        match self {
            Self::Storefront => "nodejs",
            Self::Catalog | Self::Payment => "go",
            Self::Search | Self::Checkout => "java",
            Self::Recommendations | Self::Inventory | Self::Shipping => "python",
            Self::Cart => "rust",
            Self::Email => "ruby",
        }
    }

    /// `service.version`.
    pub(super) const fn version(self) -> &'static str {
        match self {
            Self::Storefront => "4.12.1",
            Self::Catalog => "2.8.0",
            Self::Search => "1.30.4",
            Self::Recommendations => "1.8.3",
            Self::Cart => "0.9.7",
            Self::Inventory => "3.1.2",
            Self::Checkout => "5.0.6",
            Self::Payment => "2.2.9",
            Self::Shipping => "1.4.0",
            Self::Email => "1.1.5",
        }
    }

    /// Instances, numbered from 0.
    pub(super) const fn instances(self) -> u64 {
        match self {
            Self::Storefront => 3,
            Self::Catalog | Self::Search | Self::Cart | Self::Checkout => 2,
            _ => 1,
        }
    }
}

/// Something that a service does when asked.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) service: Service,
    /// HTTP method, or `process` for a message.
    pub(super) method: &'static str,
    /// Route, or the queue that the message came from.
    pub(super) route: &'static str,
    /// Median of its own time in microseconds, without calls.
    pub(super) own_us: f64,
    pub(super) calls: &'static [Call],
    /// What it says when it went well.
    pub(super) says: Option<Says>,
}

/// A line at the end of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Says {
    Viewed,
    Searched,
    CartChanged,
    Reserved,
    Charged,
    OrderPlaced,
    Shipped,
    Mailed,
}

/// What an operation does on the way.
#[derive(Debug)]
pub(super) enum Call {
    /// A request to another service, with this probability.
    Ask(&'static Operation, f64),
    /// A statement to PostgreSQL: database, text, median time in microseconds.
    Sql(&'static str, &'static str, f64),
    /// A command to Redis; with the second probability the key is missing, and then the call follows.
    Cache(&'static str, f64, &'static Call),
    /// A command to Redis.
    Redis(&'static str),
    /// A request beyond the shop: host, route, median time in microseconds.
    Outside(&'static str, &'static str, f64),
    /// A message to a queue and those who work on it later.
    Publish(&'static str, &'static [&'static Operation]),
}

/// What visitors do: an operation of the storefront and how often of a hundred.
pub(super) const VISITS: [(&Operation, u64); 5] =
    [(&HOME, 28), (&PRODUCT, 36), (&FIND, 16), (&ADD_TO_CART, 13), (&CHECKOUT, 7)];

/// The database of a catalog, and those of others.
pub(super) const CATALOG_DB: &str = "catalog";
pub(super) const STOCK_DB: &str = "stock";
pub(super) const ORDERS_DB: &str = "orders";

pub(super) static HOME: Operation = Operation {
    service: Service::Storefront,
    method: "GET",
    route: "/",
    own_us: 3_500.0,
    calls: &[Call::Ask(&FEATURED, 1.0), Call::Ask(&RECOMMEND, 0.8)],
    says: None,
};

pub(super) static PRODUCT: Operation = Operation {
    service: Service::Storefront,
    method: "GET",
    route: "/product/{id}",
    own_us: 2_800.0,
    calls: &[Call::Ask(&READ_PRODUCT, 1.0), Call::Ask(&READ_STOCK, 1.0), Call::Ask(&RECOMMEND, 0.5)],
    says: Some(Says::Viewed),
};

pub(super) static FIND: Operation = Operation {
    service: Service::Storefront,
    method: "GET",
    route: "/search",
    own_us: 3_000.0,
    calls: &[Call::Ask(&SEARCH, 1.0)],
    says: None,
};

pub(super) static ADD_TO_CART: Operation = Operation {
    service: Service::Storefront,
    method: "POST",
    route: "/cart/items",
    own_us: 2_000.0,
    calls: &[Call::Ask(&READ_STOCK, 0.6), Call::Ask(&CHANGE_CART, 1.0)],
    says: None,
};

pub(super) static CHECKOUT: Operation = Operation {
    service: Service::Storefront,
    method: "POST",
    route: "/checkout",
    own_us: 2_400.0,
    calls: &[Call::Ask(&PLACE_ORDER, 1.0)],
    says: None,
};

static FEATURED: Operation = Operation {
    service: Service::Catalog,
    method: "GET",
    route: "/products",
    own_us: 900.0,
    calls: &[Call::Cache(
        "GET featured:front-page",
        0.06,
        &Call::Sql(
            CATALOG_DB,
            "SELECT id, name, price_cents FROM products WHERE featured ORDER BY rank LIMIT $1",
            4_200.0,
        ),
    )],
    says: None,
};

pub(super) static READ_PRODUCT: Operation = Operation {
    service: Service::Catalog,
    method: "GET",
    route: "/products/{id}",
    own_us: 700.0,
    calls: &[Call::Cache(
        "GET product:?",
        0.12,
        &Call::Sql(CATALOG_DB, "SELECT * FROM products WHERE id = $1", 1_900.0),
    )],
    says: None,
};

pub(super) static SEARCH: Operation = Operation {
    service: Service::Search,
    method: "GET",
    route: "/query",
    own_us: 11_000.0,
    calls: &[Call::Sql(
        CATALOG_DB,
        "SELECT id, name FROM products WHERE search @@ plainto_tsquery($1) ORDER BY ts_rank(search, plainto_tsquery($1)) DESC LIMIT $2",
        14_000.0,
    )],
    says: Some(Says::Searched),
};

pub(super) static RECOMMEND: Operation = Operation {
    service: Service::Recommendations,
    method: "GET",
    route: "/for/{user}",
    own_us: 8_000.0,
    calls: &[Call::Redis("ZREVRANGE also-bought:? 0 11")],
    says: None,
};

static READ_STOCK: Operation = Operation {
    service: Service::Inventory,
    method: "GET",
    route: "/stock/{id}",
    own_us: 1_500.0,
    calls: &[Call::Sql(STOCK_DB, "SELECT on_hand - reserved FROM stock WHERE product_id = $1", 1_300.0)],
    says: None,
};

static CHANGE_CART: Operation = Operation {
    service: Service::Cart,
    method: "POST",
    route: "/carts/{id}/items",
    own_us: 350.0,
    calls: &[Call::Redis("HINCRBY cart:? ? ?"), Call::Redis("EXPIRE cart:? 1209600")],
    says: Some(Says::CartChanged),
};

static READ_CART: Operation = Operation {
    service: Service::Cart,
    method: "GET",
    route: "/carts/{id}",
    own_us: 250.0,
    calls: &[Call::Redis("HGETALL cart:?")],
    says: None,
};

static RESERVE: Operation = Operation {
    service: Service::Inventory,
    method: "POST",
    route: "/reservations",
    own_us: 2_200.0,
    calls: &[Call::Sql(
        STOCK_DB,
        "UPDATE stock SET reserved = reserved + $2 WHERE product_id = $1 AND on_hand - reserved >= $2",
        3_400.0,
    )],
    says: Some(Says::Reserved),
};

static CHARGE: Operation = Operation {
    service: Service::Payment,
    method: "POST",
    route: "/charges",
    own_us: 1_800.0,
    calls: &[
        Call::Outside("gateway.cardnet.example", "/v2/authorizations", 96_000.0),
        Call::Sql(
            ORDERS_DB,
            "INSERT INTO payments (order_id, amount_cents, authorization) VALUES ($1, $2, $3)",
            2_600.0,
        ),
    ],
    says: Some(Says::Charged),
};

pub(super) static PLACE_ORDER: Operation = Operation {
    service: Service::Checkout,
    method: "POST",
    route: "/orders",
    own_us: 4_500.0,
    calls: &[
        Call::Ask(&READ_CART, 1.0),
        Call::Ask(&RESERVE, 1.0),
        Call::Ask(&CHARGE, 1.0),
        Call::Sql(
            ORDERS_DB,
            "INSERT INTO orders (id, user_id, total_cents, state) VALUES ($1, $2, $3, 'paid')",
            3_100.0,
        ),
        Call::Publish("orders", &[&SHIP, &MAIL]),
    ],
    says: Some(Says::OrderPlaced),
};

static SHIP: Operation = Operation {
    service: Service::Shipping,
    method: "process",
    route: "orders",
    own_us: 5_000.0,
    calls: &[
        Call::Outside("api.parcels.example", "/shipments", 61_000.0),
        Call::Sql(ORDERS_DB, "UPDATE orders SET state = 'shipping', label = $2 WHERE id = $1", 2_800.0),
    ],
    says: Some(Says::Shipped),
};

pub(super) static MAIL: Operation = Operation {
    service: Service::Email,
    method: "process",
    route: "orders",
    own_us: 7_000.0,
    calls: &[Call::Outside("smtp.mailrelay.example", "/send", 120_000.0)],
    says: Some(Says::Mailed),
};
