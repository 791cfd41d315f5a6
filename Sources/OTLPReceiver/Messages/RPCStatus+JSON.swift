import LogPipeline

extension RPCStatus {
  /// The status in protobuf's JSON mapping: `{"code":3,"message":"…","details":[…]}`.
  var json: [UInt8] {
    var json = ByteWriter(capacityBytes: 512)
    json.append("{\"code\":")
    json.appendDecimal(Int64(code.rawValue))
    json.append(",\"message\":")
    json.appendJSON(text: message)
    if !details.isEmpty {
      json.append(",\"details\":[")
      for (index, detail) in details.enumerated() {
        if index > 0 { json.append(",") }
        detail.write(to: &json)
      }
      json.append("]")
    }
    json.append("}")
    return json.array
  }
}

extension RPCStatus.Detail {
  fileprivate func write(to json: inout ByteWriter) {
    json.append("{\"@type\":")
    json.appendJSON(text: typeURL)
    switch self {
    case .badRequest(let field, let description):
      json.append(",\"fieldViolations\":[{\"field\":")
      json.appendJSON(text: field)
      json.append(",\"description\":")
      json.appendJSON(text: description)
      json.append("}]")
    case .retryInfo(let delay):
      json.append(",\"retryDelay\":\"")
      json.appendDuration(delay)
      json.append("\"")
    }
    json.append("}")
  }
}

extension ByteWriter {
  /// Appends a quoted JSON string; for answers, not for records.
  mutating func appendJSON(text: String) {
    var text = text
    text.withUTF8 { appendJSON(string: UnsafeRawBufferPointer($0)) }
  }

  /// Appends a duration that is not negative in protobuf's JSON mapping, such as `5s` or `0.250000000s`.
  fileprivate mutating func appendDuration(_ duration: Duration) {
    let (seconds, nanos) = duration.secondsAndNanos
    appendDecimal(seconds)
    if nanos > 0 {
      append(".")
      appendDecimal(UInt64(nanos.magnitude), digits: 9)
    }
    append("s")
  }
}
