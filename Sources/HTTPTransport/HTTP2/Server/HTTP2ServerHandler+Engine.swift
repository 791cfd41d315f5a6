import NIOHTTP1

/// What the engine tells goes to the state, and what the state answers is done.
extension HTTP2ServerHandler: HTTP2EngineDelegate {
  func headersBegan(stream id: Int32, isTrailer: Bool) {
    state.headersBegan(stream: id, isTrailer: isTrailer)
  }

  func headerReceived(stream id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    unsafe state.headerReceived(name: name, value: value)
  }

  func frameReceived(_ frame: HTTP2Frame) {
    let service = connection.service
    perform(state.frameReceived(frame) { service.note(on: $0) })
  }

  func dataReceived(stream id: Int32, bytes: UnsafeBufferPointer<UInt8>) {
    engine?.consumeConnection(bytes: bytes.count)
    unsafe perform(state.dataReceived(stream: id, bytes: bytes))
  }

  func frameSent(_ frame: HTTP2Frame, errorCode: UInt32) {
    perform(state.frameSent(frame, errorCode: errorCode))
  }

  func streamClosed(_ id: Int32, errorCode: UInt32) {
    perform(state.streamClosed(id))
  }

  func bodyWanted(stream id: Int32, into target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step {
    unsafe state.bodyWanted(stream: id, into: target)
  }

  func trailersWanted(stream id: Int32) -> HTTPHeaders? { state.streams[id]?.outbound.trailers }
}
