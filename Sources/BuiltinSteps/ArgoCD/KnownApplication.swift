import KargoCore

/// An Application as it was read.
struct KnownApplication: Sendable {
    /// All of it.
    let object: JSONValue
    /// What Kargo reads of it.
    let application: ArgoCDApplication

    init(_ object: JSONValue) throws(ArgoCDFailure) {
        self.object = object
        do throws(FieldError) {
            application = try JSONValueDecoder().decode(ArgoCDApplication.self, from: object)
        } catch {
            let name = object[path: "metadata", "name"]?.stringValue ?? ""
            throw ArgoCDFailure("Argo CD Application \"\(name)\" can't be read: \(error)")
        }
    }

    var name: String { application.metadata.name }
    var namespace: String { application.metadata.namespace }

    /// How messages call it.
    var title: String { Self.title(name, namespace) }

    static func title(_ name: String, _ namespace: String) -> String {
        "Argo CD Application \"\(name)\" in namespace \"\(namespace)\""
    }
}

/// Why an attempt with Applications broke.
struct ArgoCDFailure: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Which Applications an entry of `apps` means: one by its name, or some by their labels.
struct ApplicationTarget: Sendable {
    let name: String?
    let namespace: String?
    let selector: LabelSelector?

    /// How messages call what there is none of, or none that may be changed.
    func describe(_ namespace: String) -> String {
        name.map { KnownApplication.title($0, namespace) }
            ?? "Argo CD Applications that match the selector in namespace \"\(namespace)\""
    }
}

extension ArgoCDApplications {
    /// Reads the Applications that are meant.
    ///
    /// - Throws: ``ArgoCDFailure`` if there are none; what keeps them from being read.
    func find(_ target: ApplicationTarget) async throws -> [KnownApplication] {
        let namespace = target.namespace ?? defaultNamespace
        if let name = target.name {
            guard let known = try await known(name, namespace: namespace) else {
                throw ArgoCDFailure("there is no \(target.describe(namespace))")
            }
            return [known]
        }
        let selector = target.selector ?? LabelSelector()
        do throws(ValueError) {
            _ = try selector.text()
        } catch {
            throw ArgoCDFailure("the selector of Argo CD Applications is malformed: \(error.message)")
        }
        var found: [KnownApplication] = []
        for object in try await applications(matching: selector, namespace: namespace) {
            found.append(try KnownApplication(object))
        }
        guard !found.isEmpty else { throw ArgoCDFailure("there are no \(target.describe(namespace))") }
        return found
    }

    /// Reads an Application.
    ///
    /// - Returns: The Application, or nil if there is none.
    /// - Throws: What keeps it from being read.
    func known(_ name: String, namespace: String) async throws -> KnownApplication? {
        let object: JSONValue?
        do {
            object = try await application(name, namespace: namespace)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ArgoCDFailure("\(KnownApplication.title(name, namespace)) can't be read: \(error)")
        }
        return try object.map { object throws(ArgoCDFailure) in try KnownApplication(object) }
    }

    /// Asks Argo CD to assess an Application anew, if nobody has yet; whoever asks will look again anyway.
    func requestRefresh(_ known: KnownApplication) async throws(CancellationError) {
        let annotation = ArgoCDApplication.refreshAnnotation
        guard known.application.metadata.annotations[annotation] != "hard" else { return }
        do {
            _ = try await patchApplication(
                known.name,
                namespace: known.namespace,
                ["metadata": ["annotations": [annotation: "hard"]]]
            )
        } catch let error as CancellationError {
            throw error
        } catch {
            return
        }
    }
}
