using System.Reflection;

namespace MailOperator.UnitTests.Architecture;

/// <summary>
/// Which types of an assembly use which, read from its IL: signatures, attributes and method bodies. Nested types,
/// lambdas and the state machines of async methods count as their outermost type.
/// TngTech.ArchUnitNET (0.13.5) is not used because it misses the parameters of local functions and counts what a
/// source-generated class uses as a dependency of its caller.
/// </summary>
internal sealed class CompiledReferences
{
    internal const BindingFlags Declared = BindingFlags.DeclaredOnly
        | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private readonly Assembly _assembly;
    private readonly HashSet<(Type From, Type To)> _found = [];
    private Type _from = null!;

    private CompiledReferences(Assembly assembly) => _assembly = assembly;

    public static IReadOnlyCollection<(Type From, Type To)> Of(Assembly assembly)
    {
        var references = new CompiledReferences(assembly);
        foreach (Type type in assembly.GetTypes())
        {
            references._from = Outermost(type);
            references.AddType(type);
        }

        return references._found;
    }

    public static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private void AddType(Type type)
    {
        Add(type.BaseType);
        AddAll(type.GetInterfaces());
        AddGenericParameters(type.GetGenericArguments());
        AddAttributes(type);
        foreach (MemberInfo member in type.GetMembers(Declared))
        {
            AddAttributes(member);
            switch (member)
            {
                case FieldInfo field:
                    Add(field.FieldType);
                    break;
                case MethodBase method:
                    AddMethod(method);
                    break;
            }
        }
    }

    private void AddMethod(MethodBase method)
    {
        foreach (ParameterInfo parameter in method.GetParameters())
        {
            Add(parameter.ParameterType);
            AddAttributes(parameter);
        }

        if (method is MethodInfo { ReturnParameter: { } result })
        {
            Add(result.ParameterType);
            AddAttributes(result);
        }

        Type[] methodParameters = method.IsGenericMethod ? method.GetGenericArguments() : [];
        AddGenericParameters(methodParameters);
        if (method.GetMethodBody() is { } body)
        {
            AddAll(body.LocalVariables.Select(static local => local.LocalType));
            AddAll(body.ExceptionHandlingClauses
                .Where(static clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
                .Select(static clause => clause.CatchType));
            Type[] typeParameters = method.DeclaringType!.GetGenericArguments();
            foreach (int token in InstructionTokens.Of(body.GetILAsByteArray()!))
            {
                AddMember(method.Module.ResolveMember(token, typeParameters, methodParameters));
            }
        }
    }

    private void AddMember(MemberInfo? member)
    {
        Add(member as Type ?? member?.DeclaringType);
        if (member is MethodInfo { IsGenericMethod: true } method)
        {
            AddAll(method.GetGenericArguments());
        }
    }

    private void AddGenericParameters(Type[] parameters) =>
        AddAll(parameters.Where(static one => one.IsGenericParameter)
            .SelectMany(static one => one.GetGenericParameterConstraints()));

    private void AddAttributes(MemberInfo member) => AddAttributes(member.GetCustomAttributesData());

    private void AddAttributes(ParameterInfo parameter) => AddAttributes(parameter.GetCustomAttributesData());

    private void AddAttributes(IList<CustomAttributeData> attributes)
    {
        foreach (CustomAttributeData attribute in attributes)
        {
            Add(attribute.AttributeType);
            foreach (CustomAttributeTypedArgument argument in attribute.ConstructorArguments
                .Concat(attribute.NamedArguments.Select(static named => named.TypedValue)))
            {
                AddArgument(argument);
            }
        }
    }

    private void AddArgument(CustomAttributeTypedArgument argument)
    {
        Add(argument.ArgumentType);
        Add(argument.Value as Type);
        foreach (CustomAttributeTypedArgument item in argument.Value as IEnumerable<CustomAttributeTypedArgument> ?? [])
        {
            AddArgument(item);
        }
    }

    private void AddAll(IEnumerable<Type?> types)
    {
        foreach (Type? type in types)
        {
            Add(type);
        }
    }

    private void Add(Type? type)
    {
        if (type is null || type.IsGenericParameter)
        {
            return;
        }

        if (type.HasElementType)
        {
            Add(type.GetElementType());
            return;
        }

        AddAll(type.GenericTypeArguments);
        if (type.Assembly == _assembly)
        {
            _found.Add((_from, Outermost(type.IsGenericType ? type.GetGenericTypeDefinition() : type)));
        }
    }
}
