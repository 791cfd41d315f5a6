import CNGHTTP2
import NIOCore
import NIOHTTP1

extension HTTP2ServerHandler: HTTP2EngineDelegate {
  func headersBegan(stream id: Int32, isTrailer: Bool) {
    fields.begin(isTrailer: isTrailer)
    if !isTrailer { streams[id] = HTTP2ServerStream(id: id, now: now) }
  }

  func headerReceived(stream id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    fields.add(name: name, value: value)
    if excess == nil { excess = fields.bombExcess }
    return excess == nil
  }

  func frameReceived(_ frame: HTTP2Frame) {
    if frame.type == HTTP2Frame.ping, frame.has(HTTP2Frame.ack) { pingAnswered() }
    guard frame.type == HTTP2Frame.headers || frame.type == HTTP2Frame.data else { return }
    guard let stream = streams[Int32(truncatingIfNeeded: frame.streamID)] else { return }
    stream.isRequestEnded = frame.has(HTTP2Frame.endStream)
    if frame.type == HTTP2Frame.headers { headersEnded(stream) }
    if stream.isRequestEnded, stream.stage == .gatheringBody { requestIsWhole(stream) }
  }

  /// The head is whole, or the trailers, which are dropped.
  private func headersEnded(_ stream: HTTP2ServerStream) {
    excess = excess ?? budgets.chargeHeaders(fields.bytes)
    if let excess = fields.excess, stream.stage == .gatheringHead || stream.stage == .gatheringBody {
      connection.metrics.refuse(excess.abuse)
      return refuse(stream, HTTPResponse(status: 431, body: ByteBuffer(string: excess.description)))
    }
    guard stream.stage == .gatheringHead else { return }
    let head = fields.end(now: now) { fields in
      var head = fields.requestHead(remoteAddress: connection.remoteAddress, isTLS: isTLS)
      head.note = connection.service.note(on: head)
      return head
    }
    stream.head = head
    stream.headerBytes = fields.bytes
    switch connection.service.plan(for: head) {
    case .refuse(let response):
      refuse(stream, response)
    case .collect(let limitBytes, let budget, let within):
      let collector = HTTPBodyCollector(
        declaredBytes: HTTPFieldRules.contentLength(head.headers), limitBytes: limitBytes, budget: budget)
      if let reason = collector.refusalOfDeclaredLength { return refuseBody(stream, head, reason) }
      stream.collector = collector
      stream.progress = HTTPBodyProgress(now: now, within: within)
      stream.stage = .gatheringBody
    }
  }

  func dataReceived(stream id: Int32, bytes: UnsafeBufferPointer<UInt8>) {
    engine?.consumeConnection(bytes: bytes.count)
    guard let stream = streams[id], stream.stage == .gatheringBody, let head = stream.head else { return }
    if let reason = stream.collector?.append(bytes) { return refuseBody(stream, head, reason) }
    stream.progress.add(bytes.count)
    stream.uncreditedBytes &+= bytes.count
    let bodyBytes = stream.collector?.bytes.count ?? 0
    if turns.received(bytes.count, of: id, bodyBytes: bodyBytes) { giveCredit(stream) }
  }

  /// After the last frame of an answer to a request not read to its end, the client is told to stop:
  /// RFC 9113 section 8.1.
  func frameSent(_ frame: HTTP2Frame, errorCode: UInt32) {
    switch frame.type {
    case HTTP2Frame.headers, HTTP2Frame.data:
      budgets.creditAnswerFrame()
      guard frame.has(HTTP2Frame.endStream) else { return }
      let id = Int32(truncatingIfNeeded: frame.streamID)
      let stream = streams[id]
      budgets.creditAnswer(headerBytes: stream?.headerBytes ?? 0)
      if let stream, !stream.isRequestEnded { engine?.reset(stream: id, code: NGHTTP2_NO_ERROR) }
    case HTTP2Frame.resetStream:
      history.resetByServer(frame.streamID)
      let isRefused = errorCode == NGHTTP2_REFUSED_STREAM.rawValue
      if isRefused || Self.isFaultOfClient(errorCode) { excess = excess ?? budgets.chargeInducedReset() }
    case HTTP2Frame.goAway where Self.isFaultOfClient(errorCode):
      connection.metrics.refuse(.protocolError)
    default:
      break
    }
  }

  private static func isFaultOfClient(_ code: UInt32) -> Bool {
    switch code {
    case NGHTTP2_PROTOCOL_ERROR.rawValue, NGHTTP2_FLOW_CONTROL_ERROR.rawValue, NGHTTP2_STREAM_CLOSED.rawValue,
      NGHTTP2_FRAME_SIZE_ERROR.rawValue, NGHTTP2_COMPRESSION_ERROR.rawValue:
      true
    default:
      false
    }
  }

  func streamClosed(_ id: Int32, errorCode: UInt32) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    endTurn(stream)
    stream.collector?.release()
    stream.answer?.cancel()
    stream.stage = .refused
    streamEnded()
  }

  func bodyWanted(stream id: Int32, into target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step {
    guard let stream = streams[id] else { return .bytes(0, isLast: true) }
    let step = stream.outbound.read(into: target)
    if case .bytes = step { stream.answerProgress = now }
    return step
  }

  func trailersWanted(stream id: Int32) -> HTTPHeaders? { streams[id]?.outbound.trailers }
}
