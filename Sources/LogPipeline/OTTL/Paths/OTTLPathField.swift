/// What is known of a field without a record.
extension OTTLPathField {
  /// Whose attributes it is, or which cache; nil for another field.
  var owner: OTTLOwner? {
    switch self {
    case .attributes: .record
    case .scopeAttributes: .scope
    case .resourceAttributes: .resource
    case .cache: .recordCache
    case .scopeCache: .scopeCache
    case .resourceCache: .resourceCache
    default: nil
    }
  }

  /// Whether it may have keys.
  var hasMembers: Bool { owner != nil || self == .body || isOfRequest && self != .clientAddress }

  /// Whether it comes from the request, so that it cannot be set.
  var isOfRequest: Bool {
    switch self {
    case .clientAddress, .clientMetadata, .clientAuthAttributes, .grpcMetadata: true
    default: false
    }
  }

  /// Whether it is the record's own.
  var isOfRecord: Bool {
    switch self {
    case .time, .timeUnixNano, .observedTime, .observedTimeUnixNano, .severityNumber, .severityText, .body, .bodyString,
      .attributes, .droppedAttributesCount, .flags, .traceID, .traceIDString, .spanID, .spanIDString, .eventName,
      .cache:
      true
    default: false
    }
  }

  /// Whether it is the resource's, and not its attributes or its cache.
  var isOfResource: Bool { self == .resourceSchemaURL || self == .resourceDroppedAttributesCount }

  /// Whether to get it costs a look-up or more, so that it is worth keeping.
  var isCostly: Bool { self == .bodyString || self == .traceIDString || self == .spanIDString || isOfRequest }
}
