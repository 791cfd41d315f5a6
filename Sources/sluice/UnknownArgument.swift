import ArgumentParser
import Gateway
import Glibc
import Options

/// What is wrong with an argument that no command takes: a command that is not quite spelled so, or a file.
enum UnknownArgument {
  /// What to say of an argument that `refusal`, the words of the argument parser, names; nil if those say enough.
  static func problem(in arguments: [String], refusedAs refusal: String) -> String? {
    let isRefused = { (argument: String) in refusal.contains("'\(argument)'") }
    let (path, commands, rest) = command(in: arguments)
    if let file = rest.first(where: { isRefused($0) && looksLikeConfiguration($0) }) {
      return "Unexpected argument '\(shown(file))': a configuration file is given with --config, as in "
        + "\(path) --config \(shown(file))"
    }
    guard let name = rest.first, !name.hasPrefix("-"), isRefused(name), !commands.isEmpty else { return nil }
    return "Unknown command '\(shown(name))' of \(path)"
      + (nearest(to: name, among: commands).map { ": did you mean \($0)?" }
        ?? ": there are \(commands.joined(separator: ", "))")
  }

  /// The command that the arguments begin with, the names of those below it, and what follows.
  private static func command(
    in arguments: [String]
  ) -> (path: String, commands: [String], rest: ArraySlice<String>) {
    var (path, commands, rest) = ("sluice", Sluice.configuration.subcommands, arguments[...])
    while let name = rest.first, let command = commands.first(where: { $0._commandName == name }) {
      path += " \(name)"
      commands = command.configuration.subcommands
      rest = rest.dropFirst()
    }
    return (path, commands.map { $0._commandName }, rest)
  }

  private static func looksLikeConfiguration(_ argument: String) -> Bool {
    [".yaml", ".yml", ".json"].contains { argument.hasSuffix($0) } || access(argument, F_OK) == 0
  }

  /// The argument without what could drive a terminal.
  private static func shown(_ argument: String) -> String {
    String(argument.prefix(64).map { $0.isLetter || $0.isNumber || $0.isPunctuation || $0.isSymbol ? $0 : " " })
  }
}
