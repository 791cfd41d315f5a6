import HTTPTransport
import LogPipeline
import NIOCore
import Options

/// `grpc.health.v1.Health`, which Kubernetes' gRPC probes call.
struct HealthService: Sendable {
  let state: HealthState
  let options: OTLPServiceOptions
  /// The signals whose services are served.
  let signals: [Signal]

  /// `Check`: the status now; NOT_FOUND for a service that is not served here.
  func check(_ body: [UInt8], _ call: GRPCCall) throws(Refusal) -> HTTPResponse {
    guard isServed(try service(body, call)) else { throw .unknownService }
    return GRPCAnswer.ok(HealthMessages.response(state.status))
  }

  /// `Watch`: the status now and at every change; SERVICE_UNKNOWN for a service that is not served here.
  func watch(_ body: [UInt8], _ call: GRPCCall, through responder: HTTPResponder) throws(Refusal) {
    let isServed = isServed(try service(body, call))
    let closingTrailers = GRPCAnswer.trailers(.draining, retryHint: options.retryHint)
    let limit = options.maxHealthWatches
    guard state.watch(responder, isServed: isServed, limit: limit, closingTrailers: closingTrailers) else {
      throw .tooManyWatches(limit: limit)
    }
  }

  /// The server as a whole, or one of its services.
  private func isServed(_ service: String) -> Bool {
    service.isEmpty || signals.contains { $0.grpcPath == "/\(service)/Export" }
  }

  private func service(_ body: [UInt8], _ call: GRPCCall) throws(Refusal) -> String {
    let message = try GRPCMessage(in: body, coding: call.coding, maxBytes: options.maxHealthMessageBytes)
    guard message.coding == .identity else { throw .unsupportedCoding(accepted: [.identity]) }
    guard let service = body.withUnsafeBytes({ HealthMessages.service(in: .init(rebasing: $0[message.range])) }) else {
      throw .malformedHealthCheck
    }
    return service
  }
}
