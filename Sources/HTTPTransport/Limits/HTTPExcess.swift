/// A budget that a client went over: what, how often, and how often is allowed.
struct HTTPExcess: Error, Equatable, CustomStringConvertible {
  let abuse: HTTPAbuse
  let count: Int
  let limit: Int

  var description: String { "\(abuse.rawValue): \(count) exceeds the limit of \(limit)" }
}
