import NIOHTTP1

/// The header fields of one message as they are decoded, within limits: RFC 9113 section 8.
struct HTTP2HeaderFields {
  private(set) var headers = HTTPHeaders()
  private(set) var method = ""
  private(set) var target = ""
  private(set) var status: Int?
  private var authority: String?
  private var quota: HTTP2HeaderQuota

  init(maxBytes: Int, maxCount: Int) {
    quota = HTTP2HeaderQuota(maxBytes: maxBytes, maxCount: maxCount)
  }

  /// The limit that was passed; further fields are dropped.
  var excess: HTTPExcess? { quota.excess }
  /// That the fields are so far past it that no more of them are to be decoded.
  var bombExcess: HTTPExcess? { quota.bombExcess }

  mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    guard quota.take(name.count &+ value.count) else { return }
    if quota.count == 1 { headers.reserveCapacity(12) }
    if unsafe name.first == UInt8(ascii: ":") {
      unsafe addPseudo(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    } else {
      unsafe headers.add(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
    }
  }

  /// The head these fields make; `:authority` takes the place of `host`.
  func requestHead(from peer: HTTPPeer) -> HTTPRequestHead {
    var headers = headers
    if let authority { headers.replaceOrAdd(name: "host", value: authority) }
    let (path, query) = HTTPTarget.split(target)
    return HTTPRequestHead(
      method: method, path: path, query: query, headers: headers, version: .http2, from: peer)
  }

  private mutating func addPseudo(_ name: String, _ value: String) {
    switch name {
    case ":method": method = value
    case ":path": target = value
    case ":authority": authority = value
    case ":status": status = Int(value)
    default: break
    }
  }
}
