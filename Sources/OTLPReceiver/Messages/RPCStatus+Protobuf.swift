import COTLP

extension RPCStatus {
  /// The status as protobuf.
  var protobuf: [UInt8] {
    var arena = MessageArena()
    var status = Google__Rpc__Status()
    google__rpc__status__init(&status)
    status.code = code.rawValue
    status.message = arena.string(message)
    if !details.isEmpty {
      var pointers: [UnsafeMutablePointer<Google__Protobuf__Any>?] = []
      for detail in details { pointers.append(arena.pointer(to: detail.packed(in: &arena))) }
      status.n_details = pointers.count
      status.details = arena.array(pointers)
    }
    return arena.pack(status)
  }
}

extension RPCStatus.Detail {
  /// The detail as an `Any`, its parts in `arena`.
  fileprivate func packed(in arena: inout MessageArena) -> Google__Protobuf__Any {
    var any = Google__Protobuf__Any()
    google__protobuf__any__init(&any)
    any.type_url = arena.string(typeURL)
    switch self {
    case .badRequest(let field, let description):
      any.value = arena.bytes(Self.badRequest(field: field, description: description))
    case .retryInfo(let delay):
      any.value = arena.bytes(Self.retryInfo(delay))
    }
    return any
  }

  private static func badRequest(field: String, description: String) -> [UInt8] {
    var arena = MessageArena()
    var violation = Google__Rpc__BadRequest__FieldViolation()
    google__rpc__bad_request__field_violation__init(&violation)
    violation.field = arena.string(field)
    violation.description = arena.string(description)
    var request = Google__Rpc__BadRequest()
    google__rpc__bad_request__init(&request)
    request.n_field_violations = 1
    let pointer: UnsafeMutablePointer<Google__Rpc__BadRequest__FieldViolation>? = arena.pointer(to: violation)
    request.field_violations = arena.pointer(to: pointer)
    return arena.pack(request)
  }

  private static func retryInfo(_ delay: Duration) -> [UInt8] {
    var arena = MessageArena()
    var duration = Google__Protobuf__Duration()
    google__protobuf__duration__init(&duration)
    (duration.seconds, duration.nanos) = delay.secondsAndNanos
    var info = Google__Rpc__RetryInfo()
    google__rpc__retry_info__init(&info)
    info.retry_delay = arena.pointer(to: duration)
    return arena.pack(info)
  }
}
