import LogPipeline

/// The dialects that are measured.
let dialects: [(String, any Dialect)] = []
