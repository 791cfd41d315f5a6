import CNGHTTP2
import NIOCore
import NIOHTTP1

extension HTTP2ClientHandler: HTTP2EngineDelegate {
  func headersBegan(stream id: Int32, isTrailer: Bool) {
    streams[id]?.fields = freshFields()
  }

  func headerReceived(stream id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let stream = streams[id] else { return true }
    unsafe stream.fields.add(name: name, value: value)
    return stream.fields.bombExcess == nil
  }

  func frameReceived(_ frame: HTTP2Frame) {
    switch frame.type {
    case HTTP2Frame.settings where !frame.has(HTTP2Frame.ack): serverIsEstablished()
    case HTTP2Frame.goAway: serverSaidGoAway()
    case HTTP2Frame.headers, HTTP2Frame.data: partReceived(frame)
    default: break
    }
  }

  private func partReceived(_ frame: HTTP2Frame) {
    guard let stream = streams[Int32(truncatingIfNeeded: frame.streamID)] else { return }
    if frame.type == HTTP2Frame.headers { takeFields(of: stream) }
    guard frame.has(HTTP2Frame.endStream), let response = stream.response else { return }
    // The server may answer before it has the whole body: RFC 9113 section 8.1.
    let isUploading = stream.outbound.pending.readableBytes > 0
    end(stream, .success(response), reset: isUploading ? NGHTTP2_CANCEL : nil)
  }

  /// A block with a status is a head, or an interim one of 1xx; a block without is the trailers.
  private func takeFields(of stream: HTTP2ClientStream) {
    if let excess = stream.fields.excess {
      end(
        stream, .failure(.responseTooLarge(bytes: excess.count, limitBytes: excess.limit)), reset: NGHTTP2_CANCEL)
    } else if let status = stream.fields.status {
      if status >= 200 { stream.head = (status, stream.fields.headers) }
    } else {
      stream.trailers = stream.fields.headers
    }
  }

  func dataReceived(stream id: Int32, bytes: UnsafeBufferPointer<UInt8>) {
    guard let stream = streams[id] else { return }
    let (total, overflow) = stream.body.count.addingReportingOverflow(bytes.count)
    guard !overflow, total <= options.maxResponseBodyBytes else {
      let limit = options.maxResponseBodyBytes
      return end(stream, .failure(.responseTooLarge(bytes: total, limitBytes: limit)), reset: NGHTTP2_CANCEL)
    }
    unsafe stream.body.append(contentsOf: bytes)
  }

  func frameSent(_ frame: HTTP2Frame, errorCode: UInt32) {
    if frame.type == HTTP2Frame.goAway, errorCode != NGHTTP2_NO_ERROR.rawValue { serverBrokeRules(errorCode) }
    guard frame.type == HTTP2Frame.headers, let stream = streams[Int32(truncatingIfNeeded: frame.streamID)] else {
      return
    }
    if !stream.isSent { unsentRequests &-= 1 }
    stream.isSent = true
  }

  /// A stream that closes with its call unfinished was reset, or never taken: RFC 9113 section 8.7.
  func streamClosed(_ id: Int32, errorCode: UInt32) {
    guard let stream = streams[id] else { return }
    let error: HTTP2ClientError =
      if errorCode == NGHTTP2_REFUSED_STREAM.rawValue || !stream.isSent {
        .notProcessed(reason: "the server refused the stream")
      } else {
        .streamReset(code: errorCode)
      }
    end(stream, .failure(error), reset: nil)
  }

  func bodyWanted(stream id: Int32, into target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step {
    unsafe streams[id]?.outbound.read(into: target) ?? .bytes(0, isLast: true)
  }

  func trailersWanted(stream id: Int32) -> HTTPHeaders? { nil }
}
