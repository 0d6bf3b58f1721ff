package io.entrepot.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.util.Set;
import java.util.stream.Stream;
import org.agrona.BitUtil;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.MutableDirectBuffer;
import org.agrona.SystemUtil;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;

/** The package list tells the layers; these rules keep it true. */
@AnalyzeClasses(packages = "io.entrepot", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  private static final String[] MEMORY = {"io.entrepot.internal.memory.."};
  private static final String[] SYNC = {"io.entrepot.sync..", "io.entrepot.internal.sync.."};
  private static final String[] BUFFERS = {"io.entrepot.internal.buffers.."};
  private static final String[] SHARING = {
    "io.entrepot.sharing..", "io.entrepot.internal.sharing.."
  };
  private static final String[] FLOW = {"io.entrepot.flow..", "io.entrepot.internal.flow.."};
  private static final String[] REACH = {
    "io.entrepot.agrona..",
    "io.entrepot.media..",
    "io.entrepot.reach..",
    "io.entrepot.internal.reach..",
    "io.entrepot.tools.."
  };

  private static final String[] EXPORTED = {
    "io.entrepot.sharing",
    "io.entrepot.flow",
    "io.entrepot.sync",
    "io.entrepot.agrona",
    "io.entrepot.media",
    "io.entrepot.reach"
  };

  /** The only types of an exported package that hand out raw memory, besides exporters. */
  private static final Set<String> MAY_HAND_OUT_RAW_MEMORY =
      Set.of("io.entrepot.sharing.CpuWindow", "io.entrepot.sharing.NativeLease");

  /** Exporters own the memory that they export: {@code io.entrepot.sharing.*Exporter*}. */
  private static final String EXPORTER = "io\\.entrepot\\.sharing\\.\\w*Exporter\\w*(\\$.*)?";

  /** What Agrona offers that works without a JVM flag on JDK 25. */
  private static final Set<Class<?>> FLAG_FREE_AGRONA =
      Set.of(
          AgentInvoker.class,
          AgentRunner.class,
          AgentTerminationException.class,
          ErrorHandler.class,
          CloseHelper.class,
          BitUtil.class,
          SystemUtil.class);

  /** Interfaces of Agrona which, with all their implementations, work without a JVM flag. */
  private static final Set<Class<?>> FLAG_FREE_AGRONA_FAMILIES =
      Set.of(IdleStrategy.class, Agent.class, EpochClock.class, NanoClock.class);

  @ArchTest
  static final ArchRule importsRunDownwardsOnly =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("memory")
          .definedBy(MEMORY)
          .layer("sync")
          .definedBy(SYNC)
          .layer("buffers")
          .definedBy(BUFFERS)
          .layer("sharing")
          .definedBy(SHARING)
          .layer("flow")
          .definedBy(FLOW)
          .layer("reach")
          .definedBy(REACH)
          .whereLayer("memory")
          .mayOnlyBeAccessedByLayers("sync", "buffers", "sharing", "flow", "reach")
          .whereLayer("sync")
          .mayOnlyBeAccessedByLayers("buffers", "sharing", "flow", "reach")
          .whereLayer("buffers")
          .mayOnlyBeAccessedByLayers("sharing", "flow", "reach")
          .whereLayer("sharing")
          .mayOnlyBeAccessedByLayers("flow", "reach")
          .whereLayer("flow")
          .mayOnlyBeAccessedByLayers("reach")
          .whereLayer("reach")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule everyPackageBelongsToALayer =
      classes()
          .that(not(describe("descriptors", type -> type.getSimpleName().endsWith("-info"))))
          .should()
          .resideInAnyPackage(
              Stream.of(MEMORY, SYNC, BUFFERS, SHARING, FLOW, REACH)
                  .flatMap(Stream::of)
                  .toArray(String[]::new))
          .allowEmptyShould(true);

  /**
   * An exported package and the internal one of the same name are the two sides of one room: a
   * sealed interface names the class behind it, which implements it. Between rooms there is no
   * cycle.
   */
  private static final SliceAssignment ROOMS =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
          return SliceIdentifier.of(javaClass.getPackageName().replace(".internal.", "."));
        }

        @Override
        public String getDescription() {
          return "rooms";
        }
      };

  @ArchTest
  static final ArchRule roomsHaveNoCycle =
      slices().assignedFrom(ROOMS).should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule agronaBeyondTheFlagFreeClassesStaysInItsPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.entrepot.agrona..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.agrona..").and(not(belongToTheFlagFreeClassesOfAgrona())))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule nobodyUsesUnsafeOrTheInsideOfTheJdk =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("sun.misc..", "jdk.internal..")
                  .or(
                      describe(
                          "UnsafeBuffer or AtomicCounter",
                          type ->
                              type.getName().equals("org.agrona.concurrent.UnsafeBuffer")
                                  || type.getName()
                                      .equals("org.agrona.concurrent.status.AtomicCounter"))))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule rawMemoryLeavesOnlyThroughWindowsLeasesAndExporters =
      members()
          .that()
          .areDeclaredInClassesThat(areVisibleInAnExportedPackage())
          .and()
          .areDeclaredInClassesThat(not(mayHandOutRawMemory()))
          .and(describe("public or protected", LayersTest::isPublicOrProtected))
          .and(not(describe("imposed by DirectBuffer", LayersTest::isImposedByDirectBuffer)))
          .should(notHandOutRawMemory())
          .allowEmptyShould(true);

  private static DescribedPredicate<JavaClass> belongToTheFlagFreeClassesOfAgrona() {
    return describe(
        "belong to the flag-free classes of Agrona",
        type ->
            FLAG_FREE_AGRONA.stream().anyMatch(type::isEquivalentTo)
                || FLAG_FREE_AGRONA_FAMILIES.stream().anyMatch(type::isAssignableTo));
  }

  private static DescribedPredicate<JavaClass> areVisibleInAnExportedPackage() {
    return describe(
        "are visible in an exported package",
        type ->
            resideInAnyPackage(EXPORTED).test(type)
                && (isVisible(type)
                    || type.getAllSubclasses().stream().anyMatch(LayersTest::isVisible)));
  }

  private static boolean isVisible(JavaClass type) {
    return isPublicOrProtected(type.getModifiers())
        && type.getEnclosingClass().map(LayersTest::isVisible).orElse(true);
  }

  private static DescribedPredicate<JavaClass> mayHandOutRawMemory() {
    return describe(
        "may hand out raw memory",
        type ->
            type.getName().matches(EXPORTER)
                || MAY_HAND_OUT_RAW_MEMORY.contains(type.getName().replaceFirst("\\$.*", "")));
  }

  private static boolean isPublicOrProtected(JavaMember member) {
    return isPublicOrProtected(member.getModifiers());
  }

  private static boolean isPublicOrProtected(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  /** A buffer of Agrona has to have {@code byteBuffer()}; what it returns is its own contract. */
  private static boolean isImposedByDirectBuffer(JavaMember member) {
    return member instanceof JavaMethod method
        && method.getOwner().isAssignableTo(DirectBuffer.class)
        && Stream.of(MutableDirectBuffer.class.getMethods())
            .anyMatch(imposed ->
                imposed.getName().equals(method.getName())
                    && imposed.getParameterCount() == method.getRawParameterTypes().size());
  }

  private static ArchCondition<JavaMember> notHandOutRawMemory() {
    DescribedPredicate<JavaClass> raw =
        assignableTo(MemorySegment.class)
            .or(assignableTo(Buffer.class))
            .or(assignableTo(DirectBuffer.class));
    return new ArchCondition<>("not hand out a MemorySegment, ByteBuffer or DirectBuffer") {
      @Override
      public void check(JavaMember member, ConditionEvents events) {
        typeHandedOut(member).stream()
            .flatMap(type -> type.getAllInvolvedRawTypes().stream())
            .filter(raw)
            .forEach(type ->
                events.add(
                    SimpleConditionEvent.violated(
                        member, member.getDescription() + " hands out " + type.getName())));
      }
    };
  }

  private static Set<JavaType> typeHandedOut(JavaMember member) {
    return switch (member) {
      case JavaMethod method -> Set.of(method.getReturnType());
      case JavaField field -> Set.of(field.getType());
      default -> Set.of();
    };
  }
}
