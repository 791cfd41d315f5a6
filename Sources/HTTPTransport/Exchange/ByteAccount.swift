/// What some of a budget's bytes are counted to besides: one of those who share the budget, with a limit of its own.
package protocol ByteAccount: AnyObject, Sendable {
  /// The most that it may have now.
  var limitBytes: Int { get }
  /// What it has left of that.
  var roomBytes: Int { get }
  /// Counts so many more, or counts nothing and answers false.
  func reserve(_ bytes: Int) -> Bool
  /// Takes bytes off that were counted.
  func release(_ bytes: Int)
}
