import CDeflate
import CZstd
import FrameQueues
import LogExport
import LogPipeline

/// The body of a request compressed as a sender does it, and the same by the libraries alone.
func row(compressing frames: borrowing FrameWriter) {
  var body: [UInt8] = []
  frames.bytes.withUnsafeBytes { body.append(contentsOf: $0) }
  for (name, compression) in [("gzip-1", Compression.gzip(level: 1)), ("zstd-1", .zstd(level: 1))] {
    let compressor = Compressor(compression)
    row("compress-\(name)", records: 100) {
      body.withUnsafeBytes { _ = compressor.compress($0) }
    }
  }
  var output = [UInt8](repeating: 0, count: body.count * 2)
  let gzip = libdeflate_alloc_compressor(1)
  row("compress-gzip-1-alone", records: 100) {
    output.withUnsafeMutableBytes { _ = libdeflate_gzip_compress(gzip, body, body.count, $0.baseAddress, $0.count) }
  }
  libdeflate_free_compressor(gzip)
  let zstd = ZSTD_createCCtx()
  row("compress-zstd-1-alone", records: 100) {
    output.withUnsafeMutableBytes { _ = ZSTD_compressCCtx(zstd, $0.baseAddress, $0.count, body, body.count, 1) }
  }
  ZSTD_freeCCtx(zstd)
}
