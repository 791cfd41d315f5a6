import CDeflate
import CZstd
package import NIOCore
import Synchronization

/// How request bodies are compressed (`compression`, `compression_params.level`).
package enum Compression: Sendable, Equatable {
  case none
  /// Levels 1 (fast) to 12 (small).
  case gzip(level: Int)
  /// Levels 1 (fast) to 19 (small).
  case zstd(level: Int)

  /// The `Content-Encoding` of what is compressed so.
  package var contentEncoding: String? {
    switch self {
    case .none: nil
    case .gzip: "gzip"
    case .zstd: "zstd"
    }
  }
}

/// Compresses bodies; its contexts are kept and used again, one for each body compressed at the same time.
package final class Compressor: Sendable {
  package let compression: Compression
  private let idle = Mutex<[Context]>([])

  package init(_ compression: Compression) { self.compression = compression }

  /// The compressed bytes, after `prefixBytes` that are left for the caller to fill; nil if the library refuses.
  package func compress(
    _ body: UnsafeRawBufferPointer, prefixBytes: Int = 0, allocator: ByteBufferAllocator = ByteBufferAllocator()
  ) -> ByteBuffer? {
    guard let context = idle.withLock({ $0.popLast() }) ?? Context(compression) else {
      return compression == .none ? Self.copy(body, prefixBytes: prefixBytes, allocator: allocator) : nil
    }
    defer { idle.withLock { $0.append(context) } }
    let bound = context.bound(for: body.count)
    var buffer = allocator.buffer(capacity: prefixBytes + bound)
    buffer.writeRepeatingByte(0, count: prefixBytes)
    var isDone = false
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { output in
      guard let count = context.compress(body, into: output) else { return 0 }
      isDone = true
      return count
    }
    return isDone ? buffer : nil
  }

  private static func copy(
    _ body: UnsafeRawBufferPointer, prefixBytes: Int, allocator: ByteBufferAllocator
  ) -> ByteBuffer {
    var buffer = allocator.buffer(capacity: prefixBytes + body.count)
    buffer.writeRepeatingByte(0, count: prefixBytes)
    buffer.writeBytes(body)
    return buffer
  }
}

/// A compression context of one of the libraries, used by one thread at a time.
private final class Context: @unchecked Sendable {
  private enum Library {
    case gzip(OpaquePointer)
    case zstd(OpaquePointer, level: Int32)
  }

  private let library: Library

  /// Nil for no compression, and if the library cannot make one.
  init?(_ compression: Compression) {
    switch compression {
    case .none:
      return nil
    case .gzip(let level):
      guard let context = libdeflate_alloc_compressor(Int32(min(max(level, 1), 12))) else { return nil }
      library = .gzip(context)
    case .zstd(let level):
      guard let context = ZSTD_createCCtx() else { return nil }
      library = .zstd(context, level: Int32(min(max(level, 1), 19)))
    }
  }

  deinit {
    switch library {
    case .gzip(let context): libdeflate_free_compressor(context)
    case .zstd(let context, _): ZSTD_freeCCtx(context)
    }
  }

  /// Room that the compressed form of `bytes` bytes never passes.
  func bound(for bytes: Int) -> Int {
    switch library {
    case .gzip(let context): libdeflate_gzip_compress_bound(context, bytes)
    case .zstd: ZSTD_compressBound(bytes)
    }
  }

  /// The number of bytes written, or nil if it failed.
  func compress(_ body: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
    // The libraries take no null pointer, not even for an empty body.
    var nothing: UInt8 = 0
    return withUnsafePointer(to: &nothing) { nothing -> Int? in
      let input = body.baseAddress ?? UnsafeRawPointer(nothing)
      switch library {
      case .gzip(let context):
        let count = libdeflate_gzip_compress(context, input, body.count, output.baseAddress, output.count)
        return count > 0 ? count : nil
      case .zstd(let context, let level):
        let count = ZSTD_compressCCtx(context, output.baseAddress, output.count, input, body.count, level)
        return ZSTD_isError(count) == 0 ? count : nil
      }
    }
  }
}
