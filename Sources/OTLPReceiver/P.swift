import NIOCore
import CDeflate
import CZstd
import COTLP
package enum PlaceholderR {}
