import COTLP

/// The messages of `grpc.health.v1.Health`.
enum HealthMessages {
  /// The service that a `HealthCheckRequest` asks about; nil if it is none. The name is bounded by the caller's limit
  /// on messages.
  static func service(in request: UnsafeRawBufferPointer) -> String? {
    let bytes = request.bindMemory(to: UInt8.self)
    guard bytes.count > 0 else { return "" }
    guard let message = grpc__health__v1__health_check_request__unpack(nil, bytes.count, bytes.baseAddress) else {
      return nil
    }
    defer { grpc__health__v1__health_check_request__free_unpacked(message, nil) }
    guard let service = message.pointee.service else { return "" }
    return String(validatingCString: service)
  }

  /// A `HealthCheckResponse`.
  static func response(_ status: ServingStatus) -> [UInt8] {
    var response = Grpc__Health__V1__HealthCheckResponse()
    grpc__health__v1__health_check_response__init(&response)
    response.status = Grpc__Health__V1__HealthCheckResponse__ServingStatus(rawValue: status.rawValue)
    return MessageArena().pack(response)
  }
}

/// Whether a service takes requests (`grpc.health.v1.HealthCheckResponse.ServingStatus`).
package enum ServingStatus: UInt32, Sendable, Equatable {
  case serving = 1
  case notServing = 2
  /// Only said to a watcher of a service that is not served here.
  case serviceUnknown = 3
}
