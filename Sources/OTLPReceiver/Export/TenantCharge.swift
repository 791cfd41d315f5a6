import LogPipeline

/// What a request counts for beyond the body that was received, as it is decompressed: `max(received, decompressed)`
/// bytes are counted to its tenant in all.
struct TenantCharge: ~Copyable {
  private let memory: TenantMemory?
  private let receivedBytes: Int
  private var bytes = 0

  init(to memory: TenantMemory?, receivedBytes: Int) {
    self.memory = memory
    self.receivedBytes = receivedBytes
  }

  deinit { memory?.release(bytes) }

  /// What the body may come to.
  var mostBytes: Int { memory.map { max($0.roomBytes &+ bytes &+ receivedBytes, 0) } ?? .max }

  /// Counts a body that comes to so many bytes, or throws and counts what it did.
  mutating func set(_ decompressedBytes: Int) throws(Refusal) {
    guard let memory else { return }
    let wanted = max(decompressedBytes &- receivedBytes, 0)
    if wanted > bytes {
      guard memory.reserve(wanted &- bytes) else { throw .tenant(memory.refusal(neededBytes: wanted &- bytes)) }
    } else {
      memory.release(bytes &- wanted)
    }
    bytes = wanted
  }

  /// Why a body is refused that comes to more than it may.
  func refusal(neededBytes: Int) -> Refusal? { memory.map { .tenant($0.refusal(neededBytes: neededBytes)) } }

  /// Counts nothing any more.
  mutating func end() {
    memory?.release(bytes)
    bytes = 0
  }
}
