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

    /// Takes a CustomResourceDefinition in, or its changed state.
    func add(_ crd: JSONValue) throws(FieldError) {
        let definitions = try ResourceDefinition.custom(crd, rules: rules)
        state.withLock { state in
            for definition in definitions { state.definitions[definition.place] = definition }
            state.generation += 1
        }
    }

    /// Takes a CustomResourceDefinition out.
    func remove(_ crd: JSONValue) {
        let group = crd[path: "spec", "group"]?.stringValue
        let plural = crd[path: "spec", "names", "plural"]?.stringValue
        state.withLock { state in
            state.definitions = state.definitions.filter { place, definition in
                definition.isBuiltin || place.group != group || place.plural != plural
            }
            state.generation += 1
        }
    }
}

extension ResourceDefinition {
    fileprivate var place: ResourceCatalog.Place {
        ResourceCatalog.Place(group: resource.group, version: version, plural: resource.plural)
    }
}
