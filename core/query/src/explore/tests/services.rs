use super::*;

fn request(table: Table, services_max: usize) -> ServicesRequest {
    ServicesRequest { tenant: TenantId::default(), table, services_max, client: "test".into(), user: "test".into() }
}

#[tokio::test]
async fn services_have_all_their_rows_wherever_they_are() {
    for place in PLACES {
        let fixture = Fixture::new(place).await;
        let found = fixture.service.services(request(Table::Logs, 10)).await.unwrap();
        let found: Vec<_> = found.iter().map(|s| (s.service.as_deref(), s.rows)).collect();
        assert_eq!(found, [(Some("api"), 120), (Some("db"), 120), (Some("web"), 120)], "{place:?}");
    }
}

#[tokio::test]
async fn as_many_services_as_asked_for_and_nobody_elses() {
    let fixture = Fixture::new(Place::Both).await;
    assert_eq!(fixture.service.services(request(Table::Logs, 2)).await.unwrap().len(), 2);
    let other = ServicesRequest { tenant: TenantId::new("other").unwrap(), ..request(Table::Logs, 2) };
    assert_eq!(fixture.service.services(other).await.unwrap(), []);
    for services_max in [0, 1001] {
        let error = fixture.service.services(request(Table::Logs, services_max)).await.unwrap_err();
        assert!(matches!(error, QueryError::Parameter(_)), "{error}");
    }
    let error = fixture.service.services(request(Table::Rejects, 2)).await.unwrap_err();
    assert_eq!(error.code(), lincei_model::ErrorCode::Invalid);
}
