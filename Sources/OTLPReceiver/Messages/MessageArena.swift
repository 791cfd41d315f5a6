import COTLP
import Glibc

/// Memory for the parts of one protobuf message while it is put together and packed; freed as a whole.
struct MessageArena: ~Copyable {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// A C string; it ends at the first NUL of `text`.
  mutating func string(_ text: String) -> UnsafeMutablePointer<CChar> {
    array(text.utf8CString.map { $0 })
  }

  /// Bytes for a field of that type.
  mutating func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    ProtobufCBinaryData(len: bytes.count, data: array(bytes))
  }

  /// A part that a message points to.
  mutating func pointer<Part: BitwiseCopyable>(to part: Part) -> UnsafeMutablePointer<Part> {
    array([part])
  }

  /// Elements side by side, for a repeated field.
  mutating func array<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let block = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    block.initialize(from: elements, count: elements.count)
    blocks.append(UnsafeMutableRawPointer(block))
    return block
  }

  /// The encoding of a generated message whose parts lie in this arena. `message` must be a struct that its generated
  /// `init` function has set up.
  consuming func pack<Message: BitwiseCopyable>(_ message: Message) -> [UInt8] {
    withUnsafePointer(to: message) { pointer in
      pointer.withMemoryRebound(to: ProtobufCMessage.self, capacity: 1) { base in
        [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(base)) { buffer, count in
          guard let start = buffer.baseAddress else { return }
          count = protobuf_c_message_pack(base, start)
        }
      }
    }
  }
}
