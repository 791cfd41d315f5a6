import NIOCore
import NIOHTTP1

@testable import HTTPTransport

/// One end of a connection without a socket: an engine, what it heard, and what it has to send.
final class EnginePeer: HTTP2EngineDelegate {
  private(set) var engine: HTTP2Engine?
  /// What it heard, in words.
  private(set) var heard: [String] = []
  var outbound: [Int32: HTTP2Outbound] = [:]
  /// Whether header fields go on being decoded.
  var takesFields = true

  static func server(_ limits: HTTP2Limits = HTTP2Limits()) -> EnginePeer {
    EnginePeer(.server(limits), HTTP2Announcement(limits, maxHeaderBytes: 1 << 15))
  }

  static func client() -> EnginePeer { EnginePeer(.client, HTTP2Announcement(HTTP2ClientOptions())) }

  private init(_ role: HTTP2Engine.Role, _ announcement: HTTP2Announcement) {
    engine = HTTP2Engine(role, announcing: announcement, delegate: self)
  }

  /// Lets go of the engine, which holds this.
  func close() { engine = nil }

  /// What it has to send.
  func drain() -> [UInt8] {
    var buffer = ByteBuffer()
    _ = try? engine?.drain(into: &buffer, targetBytes: .max)
    return Array(buffer.readableBytesView)
  }

  func receive(_ bytes: [UInt8]) throws(HTTP2EngineFailure) {
    let failure: HTTP2EngineFailure? = bytes.withUnsafeBufferPointer { bytes in
      do throws(HTTP2EngineFailure) { try engine?.receive(bytes) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  /// What it heard since this was asked last.
  func takeHeard() -> [String] {
    defer { heard = [] }
    return heard
  }

  func headersBegan(stream: Int32, isTrailer: Bool) { heard.append("\(stream) " + (isTrailer ? "trailers" : "head")) }

  func headerReceived(stream: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    heard.append("\(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))")
    return takesFields
  }

  func frameReceived(_ frame: HTTP2Frame) {
    let isEnd = [HTTP2Frame.headers, HTTP2Frame.data].contains(frame.type) && frame.has(HTTP2Frame.endStream)
    heard.append("\(frame.streamID) frame \(frame.type)" + (isEnd ? ", last" : ""))
  }

  func dataReceived(stream: Int32, bytes: UnsafeBufferPointer<UInt8>) { heard.append("\(stream) \(bytes.count) bytes") }

  func frameSent(_ frame: HTTP2Frame, errorCode: UInt32) {
    if errorCode != 0 { heard.append("sent frame \(frame.type) with error \(errorCode)") }
  }

  func streamClosed(_ stream: Int32, errorCode: UInt32) { heard.append("\(stream) closed with \(errorCode)") }

  func bodyWanted(stream: Int32, into target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step {
    outbound[stream]?.read(into: target) ?? .wait
  }

  func trailersWanted(stream: Int32) -> HTTPHeaders? { outbound[stream]?.trailers }
}
