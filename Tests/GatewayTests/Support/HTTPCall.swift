import Glibc
import NIOPosix

/// An answer as it came over the wire.
struct HTTPReply: Sendable {
  var status: Int
  var head: String
  var body: String
}

struct HTTPCallError: Error {
  var reason: String
}

/// One HTTP/1.1 request to a port of this machine, on a connection of its own.
func call(_ method: String, _ path: String, port: Int, json: String? = nil) async throws -> HTTPReply {
  var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
  if let json { head += "Content-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n" }
  let request = Array((head + "\r\n" + (json ?? "")).utf8)
  return try await NIOThreadPool.singleton.runIfActive { try exchange(request, port: port) }
}

private func exchange(_ request: [UInt8], port: Int) throws -> HTTPReply {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var limit = timeval(tv_sec: 20, tv_usec: 0)
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  let connected = withUnsafeBytes(of: &address) { bytes in
    connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
  }
  guard connected == 0 else { throw HTTPCallError(reason: "cannot connect") }
  guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
    throw HTTPCallError(reason: "cannot send")
  }
  var answer: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count >= 0 else { throw HTTPCallError(reason: "no answer") }
    if count == 0 { break }
    answer += chunk.prefix(count)
  }
  return try reply(String(decoding: answer, as: UTF8.self))
}

private func reply(_ text: String) throws -> HTTPReply {
  let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
  let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
  guard words.count > 1, let status = Int(words[1]) else { throw HTTPCallError(reason: "no HTTP answer: \(text)") }
  return HTTPReply(status: status, head: parts[0].lowercased(), body: parts.count > 1 ? parts[1] : "")
}
