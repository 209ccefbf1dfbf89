use super::*;

fn load(toml_text: &str, args: ServeArgs) -> anyhow::Result<Config> {
    Config::resolve(args, toml::from_str(toml_text)?)
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let args = ServeArgs { listen: Some("127.0.0.1:9000".into()), ..ServeArgs::default() };
    let c = load("listen = \"127.0.0.1:8000\"\nflush_seconds = 7", args).unwrap();
    assert_eq!(c.listen.port(), 9000);
    assert_eq!(c.flush_interval, Duration::from_secs(7));
    assert_eq!(c.otlp_grpc.port(), 4317);
    assert!(!c.beyond_loopback());
}

#[test]
fn wrong_values_are_named() {
    for (toml_text, want) in [
        ("lisen = \"x\"", "unknown field `lisen`"),
        ("listen = \"nowhere\"", "listen is \"nowhere\""),
        ("memory = \"120%\"", "1% to 100%"),
        ("memory = \"3 parsecs\"", "parsecs"),
        ("memory = \"1MiB\"", "at least 134217728"),
        ("memory = \"1GiB\"\nquery_memory = \"900MiB\"", "left for queries"),
        ("query_memory = \"1MiB\"", "query_memory is 1048576"),
        ("flush_seconds = 0", "flush_seconds is 0"),
        ("log_format = \"xml\"", "text and json"),
        ("public_url = \"lincei.example\"", "http://"),
    ] {
        let error = load(toml_text, ServeArgs::default()).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains(want), "{toml_text}: {text}");
    }
}

#[test]
fn sizes_have_units() {
    for (text, bytes) in
        [("123", 123), ("64MiB", 64 << 20), ("2GB", 2_000_000_000), ("1.5 GiB", 1_610_612_736), ("8k", 8192)]
    {
        assert_eq!(parse_size("x", text).unwrap(), bytes, "{text}");
    }
    assert_eq!(parse_memory("x", "50%", 1000).unwrap(), 500);
}

#[test]
fn the_example_file_names_every_key_and_parses() {
    let text = include_str!("../../../../deploy/lincei.example.toml");
    let live: String = text
        .lines()
        .map(|l| l.strip_prefix("# ").filter(|l| l.contains(" = ")).unwrap_or(l))
        .filter(|l| !l.starts_with('#'))
        .fold(String::new(), |all, l| all + l + "\n");
    load(&live, ServeArgs::default()).unwrap();
    let command = <ServeArgs as clap::Args>::augment_args(clap::Command::new("x"));
    for arg in command.get_arguments().filter(|a| a.get_id() != "config") {
        let key = arg.get_id().as_str();
        assert!(live.lines().any(|l| l.starts_with(&format!("{key} = "))), "{key} is not in the example file");
        let env = format!("LINCEI_{}", key.to_uppercase());
        assert_eq!(arg.get_env().and_then(|e| e.to_str()), Some(env.as_str()));
    }
}
