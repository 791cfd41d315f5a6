/// A gRPC status code, as in `grpc-status` and in `google.rpc.Status`.
package enum GRPCCode: Int32, Sendable, CaseIterable {
  case ok = 0
  case cancelled = 1
  case unknown = 2
  case invalidArgument = 3
  case deadlineExceeded = 4
  case notFound = 5
  case alreadyExists = 6
  case permissionDenied = 7
  case resourceExhausted = 8
  case failedPrecondition = 9
  case aborted = 10
  case outOfRange = 11
  case unimplemented = 12
  case `internal` = 13
  case unavailable = 14
  case dataLoss = 15
  case unauthenticated = 16

  /// The code with this number; nil for a number that gRPC does not have.
  package init?(number: Int) {
    guard let value = Int32(exactly: number) else { return nil }
    self.init(rawValue: value)
  }

  /// The code for an answer without `grpc-status` (gRPC "HTTP to gRPC Status Code Mapping").
  package init(httpStatus: Int) {
    self =
      switch httpStatus {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
  }

  package var number: Int { Int(rawValue) }

  /// The HTTP status that `google.rpc.Code` gives for the code.
  package var httpStatus: Int {
    switch self {
    case .ok: 200
    case .cancelled: 499
    case .invalidArgument, .failedPrecondition, .outOfRange: 400
    case .deadlineExceeded: 504
    case .notFound: 404
    case .alreadyExists, .aborted: 409
    case .permissionDenied: 403
    case .resourceExhausted: 429
    case .unimplemented: 501
    case .unavailable: 503
    case .unauthenticated: 401
    case .unknown, .internal, .dataLoss: 500
    }
  }

  /// The HTTP status for a code's number; 500 for one that gRPC does not have.
  package static func httpStatus(ofNumber number: Int) -> Int { GRPCCode(number: number)?.httpStatus ?? 500 }
}
