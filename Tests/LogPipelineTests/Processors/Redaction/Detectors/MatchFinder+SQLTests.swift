import Testing

@testable import LogPipeline

@Suite struct MatchFinderSQLTests {
  @Test(arguments: [
    "CREATE USER 'bob'@'%' IDENTIFIED BY '‹hunter2 x›'",
    "alter user bob identified by '‹letmein›' x",
    "CREATE USER bob IDENTIFIED BY ‹tiger›;",
    "create user a identified with caching_sha2_password by '‹hunter2›', b",
    "GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD '‹*AB12›'",
    "ALTER USER a IDENTIFIED BY VALUES '‹S:12›'",
    "SET PASSWORD FOR 'bob'@'%' = '‹hunter2›'",
    "SET PASSWORD = '‹hunter2›'",
    "SET PASSWORD FOR bob = PASSWORD('‹hunter2›')",
    "ALTER ROLE bob WITH ENCRYPTED PASSWORD '‹hunter2›'",
  ])
  func passwordsOfStatementsAreMasked(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    "order identified by 'A1234' not found",
    "notified by 'ops'",
    ##"resource identified by "r-1""##,
    "set password for bob",
  ])
  func proseStays(_ text: String) { #expect(Redacting(pack: "default")(text) == text) }
}
