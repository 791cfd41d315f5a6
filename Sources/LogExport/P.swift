import AsyncHTTPClient
import NIOSSL
import Logging
import NIOPosix
import NIOHTTP1
import CNGHTTP2
package enum PlaceholderE { package static let x = 1 }
