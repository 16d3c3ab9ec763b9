import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension RequestURL {
    /// The URL with more in its query, which is then in order and encoded anew, as Go's `Values.Encode` does.
    func adding(_ parameters: [(name: String, value: String)]) throws(Malformed) -> RequestURL {
        guard var components = URLComponents(url: url, resolvingAgainstBaseURL: false) else { return self }
        let query = FormQuery(components.percentEncodedQuery ?? "").adding(parameters)
        components.percentEncodedQuery = query.encoded
        components.user = user?.name
        components.password = user?.password
        guard let url = components.url else { throw Malformed(description: "the URL is malformed") }
        return try RequestURL(url)
    }
}
