use super::*;

fn framed(flag: u8, length: u32, rest: &[u8]) -> Bytes {
    let mut body = vec![flag];
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(rest);
    body.into()
}

#[test]
fn a_unary_message_is_taken_out_of_its_frame() {
    let none = HeaderMap::new();
    assert_eq!(message(&framed(0, 3, b"abc"), &none), Ok((ContentEncoding::Identity, Bytes::from_static(b"abc"))));
    let mut gzip = HeaderMap::new();
    gzip.insert("grpc-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(message(&framed(1, 1, b"a"), &gzip), Ok((ContentEncoding::Gzip, Bytes::from_static(b"a"))));
    let mut odd = HeaderMap::new();
    odd.insert("grpc-encoding", HeaderValue::from_static("snappy"));
    for (body, headers, want) in [
        (Bytes::from_static(b"\0\0\0"), &none, "too few"),
        (framed(0, 4, b"abc"), &none, "announced as 4 bytes, but 3 follow"),
        (framed(0, 2, b"abc"), &none, "announced as 2 bytes, but 3 follow"),
        (framed(1, 3, b"abc"), &none, "names no compression"),
        (framed(1, 3, b"abc"), &odd, "snappy"),
        (framed(2, 3, b"abc"), &none, "flag is 2"),
    ] {
        let error = message(&body, headers).unwrap_err();
        assert!(error.contains(want), "{error}");
    }
}

/// OTLP specification 1.11, "Failures", table of gRPC codes.
#[test]
fn only_retryable_failures_get_retryable_codes() {
    const RETRYABLE: [i32; 7] = [1, 4, 8, 10, 11, 14, 15];
    for failure in ErrorCode::ALL {
        assert_eq!(RETRYABLE.contains(&code(failure)), failure.retryable(), "{failure}");
    }
}

#[test]
fn retry_information_is_attached() {
    let response = trailers_only(code(ErrorCode::Unavailable), "disk is full: 100 %", Some(2));
    let headers = response.headers();
    assert_eq!(headers["grpc-status"], "14");
    assert_eq!(headers["grpc-message"], "disk is full: 100 %25");
    let details = base64::engine::general_purpose::STANDARD_NO_PAD.decode(&headers["grpc-status-details-bin"]).unwrap();
    let status = Status::decode(details.as_slice()).unwrap();
    assert_eq!(status.code, 14);
    let retry = RetryInfo::decode(status.details[0].value.as_slice()).unwrap();
    assert_eq!(retry.retry_delay.unwrap().seconds, 2);
}
