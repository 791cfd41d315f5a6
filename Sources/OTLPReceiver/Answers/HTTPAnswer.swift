import HTTPTransport
import NIOCore
import NIOHTTP1

/// How OTLP/HTTP requests are answered: in the encoding they came in (OTLP specification, "OTLP/HTTP Response").
enum HTTPAnswer {
  private static func headers(_ form: RequestForm) -> HTTPHeaders {
    ["content-type": form.contentType.description]
  }

  private static let protobufOK = answer(.protobuf, warning: nil)
  private static let jsonOK = answer(.json, warning: nil)

  /// Everything was accepted: no bytes of protobuf, or `{}` ("Full Success"), or a warning.
  static func ok(_ form: RequestForm, warning: ExportWarning?) -> HTTPResponse {
    switch form {
    case .protobuf where warning == nil: protobufOK
    case .json where warning == nil: jsonOK
    default: answer(form, warning: warning)
    }
  }

  private static func answer(_ form: RequestForm, warning: ExportWarning?) -> HTTPResponse {
    var body = ByteBuffer()
    if form == .json {
      if let warning { body.writeBytes(warning.json) } else { body.writeStaticString("{}") }
    } else if let warning {
      body.writeBytes(warning.protobuf)
    }
    return HTTPResponse(status: 200, headers: headers(form), body: body)
  }

  /// A refusal with a `google.rpc.Status` as body ("Failures"); JSON if the request's form is none of ours.
  static func refusal(_ refusal: Refusal, form: RequestForm?, retryHint: Duration) -> HTTPResponse {
    let form = form ?? .json
    let row = refusal.kind.row
    let status = RPCStatus(refusal, retryHint: retryHint)
    var headers = headers(form)
    if row.retry == .hinted {
      headers.add(name: "retry-after", value: String((refusal.retryAfter ?? retryHint).retryAfterSeconds))
    }
    addFields(for: refusal, to: &headers)
    return HTTPResponse(
      status: row.httpStatus, headers: headers, body: ByteBuffer(bytes: form == .json ? status.json : status.protobuf))
  }

  /// The fields that RFC 9110 ties to a status: sections 15.5.2, 15.5.6 and 15.5.16.
  private static func addFields(for refusal: Refusal, to headers: inout HTTPHeaders) {
    switch refusal {
    case .methodNotAllowed: headers.add(name: "allow", value: "POST")
    case .unauthenticated(_, let challenges):
      for challenge in challenges { headers.add(name: "www-authenticate", value: challenge) }
    case .unsupportedMediaType: headers.add(name: "accept", value: "application/x-protobuf, application/json")
    case .unsupportedCoding(let accepted), .severalCodings(let accepted):
      headers.add(name: "accept-encoding", value: ContentCoding.list(accepted))
    default: break
    }
  }
}
