import KargoCore
import Synchronization

/// The kinds that the cluster serves at the moment.
final class ResourceCatalog: Sendable {
    fileprivate struct Place: Hashable {
        var group: String
        var version: String
        var plural: String
    }

    private struct State {
        var definitions: [Place: ResourceDefinition] = [:]
        /// Changes with every kind that comes or goes; discovery documents are tagged with it.
        var generation = 0

        /// Takes out all versions of a custom kind.
        mutating func forget(_ resource: ResourceID) {
            definitions = definitions.filter { $0.value.isBuiltin || $0.value.resource != resource }
        }
    }

    private let state = Mutex(State())
    private let rules: ValidationRules

    /// Makes a catalog of the kinds that every cluster has.
    ///
    /// - Parameter rules: The conditions of custom kinds that can be checked.
    init(rules: ValidationRules) {
        self.rules = rules
        state.withLock { state in
            for definition in CoreResources.definitions { state.definitions[definition.place] = definition }
        }
    }

    func definition(group: String, version: String, plural: String) -> ResourceDefinition? {
        state.withLock { $0.definitions[Place(group: group, version: version, plural: plural)] }
    }

    /// Some version of a kind.
    func definition(_ resource: ResourceID) -> ResourceDefinition? {
        state.withLock { state in state.definitions.values.first { $0.resource == resource } }
    }

    /// All kinds, in order.
    var all: [ResourceDefinition] {
        state.withLock { Array($0.definitions.values) }
            .sorted {
                ($0.resource.group, $0.version, $0.resource.plural) < (
                    $1.resource.group, $1.version, $1.resource.plural
                )
            }
    }

    var generation: Int { state.withLock(\.generation) }

    /// Whether a definition is the one that is served now.
    func isCurrent(_ definition: ResourceDefinition) -> Bool {
        state.withLock { $0.definitions[definition.place]?.generation == definition.generation }
    }

    /// Takes a CustomResourceDefinition in, or its changed state.
    func add(_ crd: JSONValue) throws(FieldError) {
        let definitions = try ResourceDefinition.custom(crd, rules: rules)
        guard let resource = definitions.first?.resource else { return }
        state.withLock { state in
            state.forget(resource)
            state.generation += 1
            for var definition in definitions {
                definition.generation = state.generation
                state.definitions[definition.place] = definition
            }
        }
    }

    /// Takes a CustomResourceDefinition out.
    func remove(_ crd: JSONValue) {
        let resource = ResourceID(definedBy: crd)
        state.withLock { state in
            state.forget(resource)
            state.generation += 1
        }
    }
}

extension ResourceID {
    /// The collection that a CustomResourceDefinition describes.
    init(definedBy crd: JSONValue) {
        self.init(
            group: crd[path: "spec", "group"]?.stringValue ?? "",
            plural: crd[path: "spec", "names", "plural"]?.stringValue ?? ""
        )
    }
}

extension ResourceDefinition {
    fileprivate var place: ResourceCatalog.Place {
        ResourceCatalog.Place(group: resource.group, version: version, plural: resource.plural)
    }
}
