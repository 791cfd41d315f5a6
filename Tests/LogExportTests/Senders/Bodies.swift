import CDeflate
import CZstd
import FrameQueues
import LogExport
import LogPipeline

/// A body with these bytes, as a lease of a queue gives it.
func body(_ bytes: [UInt8], records: Int = 1) -> ExportBody {
  let queue = MemoryQueue(capacityBytes: bytes.count)
  _ = bytes.withUnsafeBytes { queue.append($0, frames: [FrameMark(endOffset: bytes.count, records: records)]) }
  guard let lease = queue.lease(maxBytes: .max) else {
    return ExportBody(FrameLease(id: 0, segment: FrameSegment(capacity: 1), range: 0..<0, records: 0, frames: 0))
  }
  return ExportBody(lease)
}

func body(_ text: String) -> ExportBody { body(Array(text.utf8)) }

/// Decompresses one gzip member.
func gunzip(_ bytes: [UInt8]) -> [UInt8]? {
  guard let context = libdeflate_alloc_decompressor() else { return nil }
  defer { libdeflate_free_decompressor(context) }
  var output = [UInt8](repeating: 0, count: 32 << 20)
  var count = 0
  let capacity = output.count
  guard libdeflate_gzip_decompress(context, bytes, bytes.count, &output, capacity, &count) == LIBDEFLATE_SUCCESS
  else { return nil }
  return Array(output[..<count])
}

func unzstd(_ bytes: [UInt8]) -> [UInt8]? {
  var output = [UInt8](repeating: 0, count: 32 << 20)
  let count = ZSTD_decompress(&output, output.count, bytes, bytes.count)
  return ZSTD_isError(count) == 0 ? Array(output[..<count]) : nil
}

extension SendResult {
  var answer: Answer? { if case .answered(let answer, _) = self { answer } else { nil } }
  var wireBytes: Int? { if case .answered(_, let bytes) = self { bytes } else { nil } }
  var failure: String? { if case .failed(let reason, _) = self { reason } else { nil } }
  var isRetryable: Bool { if case .failed(_, let retryable) = self { retryable } else { false } }
}
