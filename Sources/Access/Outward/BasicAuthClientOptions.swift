import Files
package import NIOCore
package import Options

/// What `basicauth` presents to destinations (`client_auth`): a user and a password (RFC 7617).
package struct BasicAuthClientOptions: CredentialOptions {
  let user: SecretText
  let password: SecretText?

  package init(_ options: ConfigReader) {
    let given = options.secretText("username", "The user to be.") { user in
      user.reveal().utf8.contains(UInt8(ascii: ":"))
        ? "cannot have a colon, which ends the name in basic authentication (RFC 7617)" : nil
    }
    password = options.secretText("password", "The user's password.")
    options.unsupported("aws_secrets_manager", because: "have a file written with what it holds")
    options.requireOne(of: "username", "username_file")
    user = given ?? .given(Secret(""))
  }

  package var areSecret: Bool { true }
  package var additional: ComponentReference? { nil }

  package func makeCredentials(
    after additional: (any RequestCredentials)?, group: any EventLoopGroup
  ) -> any RequestCredentials {
    let files = (user.files + (password?.files ?? [])).map {
      UsedFiles(option: "client_auth.\($0.option)", $0.files)
    }
    return FieldCredentials("authorization", watching: files) { [user, password] in
      let authorization = Authorization.basic(
        user: user.current.reveal(), password: password?.current.reveal() ?? "")
      return authorization.headerValue ?? ""
    }
  }
}
