import Glibc
import Testing

@testable import LogExport

@Suite struct FileRotationTests: FilesOfSenders {
  @Test func rotatesBeforeAFileGrowsTooLarge() async throws {
    try await withFolder { folder in
      let clock = TestClock(unixMilliseconds: 1_769_903_999_007)
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 10
      }
      _ = await send(sender, "12345")
      _ = await send(sender, "67890")
      #expect(files(folder) == ["logs.json"])
      _ = await send(sender, "a")
      #expect(files(folder) == ["logs-2026-01-31T23-59-59.007.json", "logs.json"])
      #expect(text(folder + "/logs-2026-01-31T23-59-59.007.json") == "1234567890")
      _ = await send(sender, "more than ten bytes")
      _ = await send(sender, "b")
      await sender.close()
      #expect(text(folder + "/logs-2026-01-31T23-59-59.008.json") == "a")
      #expect(text(folder + "/logs-2026-01-31T23-59-59.009.json") == "more than ten bytes")
      #expect(text(folder + "/logs.json") == "b")
    }
  }

  @Test func keepsOnlyTheNewestBackups() async throws {
    try await withFolder { folder in
      let clock = TestClock()
      for name in ["logs-notes.json", "other-2020-01-01T00-00-00.000.json"] {
        fclose(fopen("\(folder)/\(name)", "w"))
      }
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxBackups = 2
      }
      for number in 0..<6 {
        _ = await send(sender, "\(number)")
        clock.advance(milliseconds: 1000)
      }
      await sender.close()
      let backups = files(folder).filter { $0.hasPrefix("logs-2") }
      #expect(backups.compactMap { text("\(folder)/\($0)") } == ["3", "4"])
      #expect(files(folder).contains("logs-notes.json") && files(folder).contains("other-2020-01-01T00-00-00.000.json"))
    }
  }

  @Test func removesBackupsThatAreTooOld() async throws {
    try await withFolder { folder in
      let clock = TestClock()
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxDays = 2
      }
      for number in 0..<4 {
        _ = await send(sender, "\(number)")
        clock.advance(milliseconds: 86_400_000)
      }
      await sender.close()
      // "0" was set aside on day 1, "1" on day 2 and "2" on day 3: none is older than two days then.
      #expect(files(folder).filter { $0.hasPrefix("logs-") }.count == 3)
      let later = try self.sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxDays = 2
      }
      clock.advance(milliseconds: 1000)
      _ = await send(later, "4")
      await later.close()
      let texts = files(folder).filter { $0.hasPrefix("logs-") }.compactMap { text("\(folder)/\($0)") }
      // A second after the start of day 4, "0" and "1" are.
      #expect(texts == ["2", "3"])
    }
  }

  /// Set back, the clock names backups that sort before those that are there: they must not be taken for the oldest.
  @Test func keepsTheNewestBackupsWhenTheClockIsSetBack() async throws {
    try await withFolder { folder in
      let clock = TestClock()
      let sender = try sender(folder + "/logs.json", clock: clock) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
        $0.rotation?.maxBackups = 3
      }
      for number in 0..<20 {
        _ = await send(sender, "\(number % 10)")
        clock.advance(milliseconds: number == 7 ? -86_400_000 : 1000)
      }
      await sender.close()
      let backups = files(folder).filter { $0.hasPrefix("logs-") }
      #expect(backups.compactMap { text("\(folder)/\($0)") } == ["6", "7", "8"])
      #expect(text(folder + "/logs.json") == "9")
    }
  }

  @Test func stampsFollowEachOther() {
    let cases = [
      ("2026-01-31T23-59-59.007", "2026-01-31T23-59-59.008"), ("2026-01-31T23-59-59.999", "2026-02-01T00-00-00.000"),
      ("2024-02-28T23-59-59.999", "2024-02-29T00-00-00.000"), ("1969-12-31T23-59-59.999", "1970-01-01T00-00-00.000"),
      ("9999-12-31T23-59-59.998", "9999-12-31T23-59-59.999"), ("0000-01-01T00-00-00.000", "0000-01-01T00-00-00.001"),
    ]
    for (stamp, next) in cases {
      #expect(BackupStamp(stamp)?.text == stamp && BackupStamp(stamp)?.next?.text == next)
    }
    #expect(BackupStamp("9999-12-31T23-59-59.999")?.next == nil)
    for odd in ["2026-13-01T00-00-00.000", "2026-02-30T00-00-00.000", "2026-01-01T24-00-00.000", "", "x"] {
      #expect(BackupStamp(odd) == nil)
    }
  }

  @Test func aBackupOfTheLastMomentThereIsIsNotOverwritten() async throws {
    try await withFolder { folder in
      fclose(fopen(folder + "/logs-9999-12-31T23-59-59.999.json", "w"))
      let sender = try sender(folder + "/logs.json") {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
      }
      for number in 0..<4 { _ = await send(sender, "\(number)") }
      await sender.close()
      #expect(files(folder).count == 5)
    }
  }

  @Test func aNewFileIsForThoseWhomTheOldOneWasFor() async throws {
    try await withFolder { folder in
      let path = folder + "/logs.json"
      let sender = try sender(path) {
        $0.rotation = FileRotation()
        $0.rotation?.maxBytes = 1
      }
      _ = await send(sender, "1")
      #expect(chmod(path, 0o640) == 0)
      if geteuid() == 0 { #expect(chown(path, 65534, 65533) == 0) }
      _ = await send(sender, "2")
      await sender.close()
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640 && files(folder).count == 2)
      if geteuid() == 0 { #expect(status.st_uid == 65534 && status.st_gid == 65533) }
    }
  }
}
