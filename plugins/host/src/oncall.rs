//! Events, alerts, incidents and messages as the host hands them to plugins, whatever version of the
//! interface a plugin has. In JSON, names have `_`, what is missing is 0 or empty, and alternatives are
//! `{"set_label": {…}}` or a name alone.

use crate::v1::escalation::lincei::plugin::escalations as wit_escalations;
use crate::v1::notifier::lincei::plugin::notifiers as wit_notifiers;
use crate::v1::rule::lincei::plugin::{oncall as wit, rules as wit_rules};
use serde::{Deserialize, Serialize};

/// A name and what it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The name.
    pub key: String,
    /// What it stands for.
    pub value: String,
}

/// How grave something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Critical.
    Critical,
    /// Error.
    #[default]
    Error,
    /// Warning.
    Warning,
    /// Info.
    Info,
}

/// What a sender said. Times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// When it came.
    pub received: u64,
    /// Which integration took it.
    pub integration: String,
    /// One line.
    pub summary: String,
    /// Where it happened.
    pub source: String,
    /// How grave.
    pub severity: Severity,
    /// Names and values.
    pub labels: Vec<Label>,
    /// The body as it was sent, as JSON.
    pub body: String,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// It is there.
    #[default]
    Firing,
    /// Somebody knows.
    Acknowledged,
    /// It is over.
    Resolved,
    /// Nobody is told.
    Suppressed,
}

/// What events were counted in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alert {
    /// Its id.
    pub id: String,
    /// What its events have in common.
    pub key: String,
    /// Where it stands.
    pub status: AlertStatus,
    /// How grave.
    pub severity: Severity,
    /// One line.
    pub summary: String,
    /// The service.
    pub service: String,
    /// Names and values.
    pub labels: Vec<Label>,
    /// When it started.
    pub started: u64,
    /// When the latest event came.
    pub last_event: u64,
    /// How many events.
    pub events: u64,
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    /// Nobody is on it.
    #[default]
    Triggered,
    /// Somebody is.
    Acknowledged,
    /// It is over.
    Resolved,
}

/// The ticket that people work on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Incident {
    /// Its id.
    pub id: String,
    /// Its number for people.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Where it stands.
    pub status: IncidentStatus,
    /// How grave.
    pub severity: Severity,
    /// The service.
    pub service: String,
    /// Names and values.
    pub labels: Vec<Label>,
    /// When it was opened.
    pub created: u64,
    /// When somebody took it; 0 while nobody has.
    pub acknowledged: u64,
    /// Who is on it.
    pub responders: Vec<String>,
    /// Its alerts.
    pub alerts: Vec<Alert>,
}

/// What happened to an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Occurrence {
    /// When.
    pub at: u64,
    /// What.
    pub kind: String,
    /// Who or what did it.
    pub actor: String,
    /// More.
    pub detail: String,
}

/// What is known when an event is decided on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleContext {
    /// The time.
    pub now: u64,
    /// As `Europe/Berlin`.
    pub time_zone: String,
    /// The alert that the event's key belongs to.
    pub alert: Option<Alert>,
    /// What the rule kept for the key.
    pub memory: Vec<u8>,
}

/// What is to be done with an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Another summary.
    SetSummary(String),
    /// Another severity.
    SetSeverity(Severity),
    /// Another service.
    SetService(String),
    /// The key that events are counted under.
    SetKey(String),
    /// A label more, or another value.
    SetLabel(Label),
    /// Another set of rules decides.
    Route(String),
    /// Count it and tell nobody, and why.
    Suppress(String),
    /// Tell nobody for so many seconds.
    Suspend(u32),
    /// Open an incident or add to the open one.
    Trigger,
    /// The alert is over.
    Recover,
    /// Forget the event, and why.
    Drop(String),
    /// Keep this for the next event of the key.
    Remember(Vec<u8>),
    /// Ask no further rules.
    Stop,
}

/// What is to be delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Message {
    /// The same when it is tried again.
    pub id: String,
    /// From 1.
    pub attempt: u32,
    /// Whom it is for.
    pub target: String,
    /// One line.
    pub subject: String,
    /// All of it.
    pub text: String,
    /// Where to look at it.
    pub url: String,
    /// What it is about.
    pub incident: Option<Incident>,
}

/// A message was delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Receipt {
    /// The provider's own id.
    pub provider_id: String,
}

/// A message was not delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifyFailure {
    /// Why.
    pub detail: String,
    /// It can help to try again.
    pub retry: bool,
    /// After so many seconds; 0 leaves it to the host.
    pub retry_after: u32,
}

/// Who or what can be paged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Somebody.
    Person(String),
    /// Whoever is on call.
    Schedule(String),
    /// All of a team.
    Team(String),
    /// A channel.
    Channel(String),
}

/// Whom to page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Page {
    /// Whom.
    pub targets: Vec<Target>,
    /// What the page adds.
    pub note: String,
    /// When to ask again, in seconds.
    pub next_after: u32,
}

/// The next step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Page somebody.
    Page(Page),
    /// Ask again in so many seconds.
    Wait(u32),
    /// Go on with the policy's own step.
    Pass,
    /// Page nobody else, and why.
    Stop(String),
}

/// What happened to the incident so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// The time.
    pub now: u64,
    /// As `Europe/Berlin`.
    pub time_zone: String,
    /// How often the plugin was asked for this incident.
    pub step: u32,
    /// Oldest first.
    pub occurrences: Vec<Occurrence>,
}

impl From<Label> for wit::Label {
    fn from(label: Label) -> Self {
        Self { key: label.key, value: label.value }
    }
}

impl From<wit::Label> for Label {
    fn from(label: wit::Label) -> Self {
        Self { key: label.key, value: label.value }
    }
}

impl From<Severity> for wit::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
        }
    }
}

impl From<wit::Severity> for Severity {
    fn from(severity: wit::Severity) -> Self {
        match severity {
            wit::Severity::Critical => Self::Critical,
            wit::Severity::Error => Self::Error,
            wit::Severity::Warning => Self::Warning,
            wit::Severity::Info => Self::Info,
        }
    }
}

fn each<A, B: From<A>>(all: Vec<A>) -> Vec<B> {
    all.into_iter().map(B::from).collect()
}

impl From<Event> for wit::Event {
    fn from(event: Event) -> Self {
        let Event { id, received, integration, summary, source, severity, labels, body } = event;
        Self { id, received, integration, summary, source, severity: severity.into(), labels: each(labels), body }
    }
}

impl From<Alert> for wit::Alert {
    fn from(alert: Alert) -> Self {
        let Alert { id, key, status, severity, summary, service, labels, started, last_event, events } = alert;
        let status = match status {
            AlertStatus::Firing => wit::AlertStatus::Firing,
            AlertStatus::Acknowledged => wit::AlertStatus::Acknowledged,
            AlertStatus::Resolved => wit::AlertStatus::Resolved,
            AlertStatus::Suppressed => wit::AlertStatus::Suppressed,
        };
        let (severity, labels) = (severity.into(), each(labels));
        Self { id, key, status, severity, summary, service, labels, started, last_event, events }
    }
}

impl From<Incident> for wit::Incident {
    fn from(incident: Incident) -> Self {
        let status = match incident.status {
            IncidentStatus::Triggered => wit::IncidentStatus::Triggered,
            IncidentStatus::Acknowledged => wit::IncidentStatus::Acknowledged,
            IncidentStatus::Resolved => wit::IncidentStatus::Resolved,
        };
        Self {
            id: incident.id,
            number: incident.number,
            title: incident.title,
            status,
            severity: incident.severity.into(),
            service: incident.service,
            labels: each(incident.labels),
            created: incident.created,
            acknowledged: incident.acknowledged,
            responders: incident.responders,
            alerts: each(incident.alerts),
        }
    }
}

impl From<Occurrence> for wit::Occurrence {
    fn from(occurrence: Occurrence) -> Self {
        let Occurrence { at, kind, actor, detail } = occurrence;
        Self { at, kind, actor, detail }
    }
}

impl From<RuleContext> for wit_rules::Context {
    fn from(context: RuleContext) -> Self {
        let RuleContext { now, time_zone, alert, memory } = context;
        Self { now, time_zone, alert: alert.map(wit::Alert::from), memory }
    }
}

impl From<wit_rules::Action> for Action {
    fn from(action: wit_rules::Action) -> Self {
        use wit_rules::Action as Wit;
        match action {
            Wit::SetSummary(text) => Self::SetSummary(text),
            Wit::SetSeverity(severity) => Self::SetSeverity(severity.into()),
            Wit::SetService(text) => Self::SetService(text),
            Wit::SetKey(text) => Self::SetKey(text),
            Wit::SetLabel(label) => Self::SetLabel(label.into()),
            Wit::Route(text) => Self::Route(text),
            Wit::Suppress(text) => Self::Suppress(text),
            Wit::Suspend(seconds) => Self::Suspend(seconds),
            Wit::Trigger => Self::Trigger,
            Wit::Recover => Self::Recover,
            Wit::Drop(text) => Self::Drop(text),
            Wit::Remember(memory) => Self::Remember(memory),
            Wit::Stop => Self::Stop,
        }
    }
}

impl From<Message> for wit_notifiers::Message {
    fn from(message: Message) -> Self {
        let Message { id, attempt, target, subject, text, url, incident } = message;
        Self { id, attempt, target, subject, text, url, incident: incident.map(wit::Incident::from) }
    }
}

impl From<wit_notifiers::Failure> for NotifyFailure {
    fn from(failure: wit_notifiers::Failure) -> Self {
        Self { detail: failure.detail, retry: failure.retry, retry_after: failure.retry_after }
    }
}

impl From<History> for wit_escalations::History {
    fn from(history: History) -> Self {
        let History { now, time_zone, step, occurrences } = history;
        Self { now, time_zone, step, occurrences: each(occurrences) }
    }
}

impl From<wit_escalations::Step> for Step {
    fn from(step: wit_escalations::Step) -> Self {
        use wit_escalations::Target as Wit;
        let target = |target: Wit| match target {
            Wit::Person(name) => Target::Person(name),
            Wit::Schedule(name) => Target::Schedule(name),
            Wit::Team(name) => Target::Team(name),
            Wit::Channel(name) => Target::Channel(name),
        };
        match step {
            wit_escalations::Step::Page(page) => Self::Page(Page {
                targets: page.targets.into_iter().map(target).collect(),
                note: page.note,
                next_after: page.next_after,
            }),
            wit_escalations::Step::Wait(seconds) => Self::Wait(seconds),
            wit_escalations::Step::Pass => Self::Pass,
            wit_escalations::Step::Stop(why) => Self::Stop(why),
        }
    }
}
