import Yams
import ServiceLifecycle
package enum PlaceholderG {}
