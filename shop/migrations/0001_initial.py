import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import marketing_site.lib.searching
import shop.models.importing
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from marketing_site.lib.creating import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(
        ),
        CreateModels([
            migrations.CreateModel(
                name='ApiKey',
                fields=[
                    ('id', models.CharField(editable=False, max_length=150, primary_key=True, serialize=False, unique=True)),
                    ('prefix', models.CharField(editable=False, max_length=8, unique=True)),
                    ('hashed_key', models.CharField(editable=False, max_length=150)),
                    ('created', models.DateTimeField(auto_now_add=True, db_index=True)),
                    ('name', models.CharField(default=None, help_text='A free-form name for the API key. Need not be unique. 50 characters max.', max_length=50)),
                    ('revoked', models.BooleanField(blank=True, default=False, help_text='If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)')),
                    ('expiry_date', models.DateTimeField(blank=True, help_text='Once API key expires, clients cannot use it anymore.', null=True, verbose_name='Expires')),
                    ('scopes', models.JSONField(default=list, verbose_name='scopes')),
                    ('all_campaigns', models.BooleanField(default=True, verbose_name='sees all campaigns')),
                ],
                options={
                    'verbose_name': 'API key',
                    'verbose_name_plural': 'API keys',
                    'ordering': ('-created',),
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Category',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='shop.category', verbose_name='parent')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('path', models.CharField(default='', editable=False, max_length=200)),
                ],
                options={
                    'verbose_name': 'category',
                    'verbose_name_plural': 'categories',
                    'indexes': [models.Index(fields=['path'], name='category_path', opclasses=['varchar_pattern_ops'])],
                    'constraints': [models.UniqueConstraint(models.F('parent'), django.db.models.functions.text.Lower('name'), name='category_name_once', nulls_distinct=False)],
                },
            ),
            migrations.CreateModel(
                name='CohortMonth',
                fields=[
                    ('pk', models.CompositePrimaryKey('cohort', 'month', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('cohort', models.DateField()),
                    ('month', models.DateField()),
                    ('customers', models.IntegerField()),
                    ('kept', models.IntegerField()),
                    ('second_orders', models.IntegerField()),
                    ('orders', models.IntegerField()),
                    ('net_revenue', models.DecimalField(decimal_places=4, max_digits=18)),
                ],
                options={
                    'verbose_name': 'cohort month',
                    'verbose_name_plural': 'cohort months',
                },
            ),
            migrations.CreateModel(
                name='Customer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('external_id', models.CharField(max_length=64, unique=True, verbose_name='external id')),
                    ('locale', models.CharField(default='en', max_length=12, verbose_name='language')),
                    ('time_zone', models.CharField(blank=True, max_length=64, verbose_name='time zone')),
                    ('attributes', models.JSONField(blank=True, default=dict, verbose_name='attributes')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('erased_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ],
                options={
                    'verbose_name': 'customer',
                    'verbose_name_plural': 'customers',
                    'permissions': [('erase_customer', "Can erase a person's data for good"), ('export_customer', 'Can download all that is kept of a person')],
                    'indexes': [models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('external_id'), 'text_pattern_ops'), name='customer_prefix')],
                },
            ),
            migrations.CreateModel(
                name='Consent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='shop.customer')),
                    ('purpose', models.CharField(choices=[('marketing', 'marketing'), ('profiling', 'profiling')], max_length=12)),
                    ('channel', models.CharField(choices=[('email', 'e-mail'), ('sms', 'SMS'), ('mail', 'post'), ('any', 'any channel')], max_length=8)),
                    ('state', models.CharField(choices=[('granted', 'granted'), ('withdrawn', 'withdrawn')], max_length=10)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                ],
                options={
                    'verbose_name': 'consent',
                    'verbose_name_plural': 'consents',
                    'constraints': [models.UniqueConstraint(fields=('customer', 'purpose', 'channel'), name='consent_once')],
                },
            ),
            migrations.CreateModel(
                name='ConsentEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consent_events', to='shop.customer')),
                    ('purpose', models.CharField(choices=[('marketing', 'marketing'), ('profiling', 'profiling')], max_length=12)),
                    ('channel', models.CharField(choices=[('email', 'e-mail'), ('sms', 'SMS'), ('mail', 'post'), ('any', 'any channel')], max_length=8)),
                    ('state', models.CharField(choices=[('granted', 'granted'), ('withdrawn', 'withdrawn')], max_length=10)),
                    ('source', models.CharField(max_length=64)),
                    ('text_version', models.CharField(blank=True, max_length=64)),
                    ('at', models.DateTimeField()),
                ],
                options={
                    'verbose_name': 'consent event',
                    'verbose_name_plural': 'consent events',
                    'indexes': [models.Index(fields=['customer', 'at'], name='consent_event_by_customer')],
                },
            ),
            migrations.CreateModel(
                name='CustomerCategoryDay',
                fields=[
                    ('pk', models.CompositePrimaryKey('customer_id', 'day', 'category_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('category', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='shop.category')),
                    ('day', models.DateField()),
                    ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='shop.customer')),
                    ('orders', models.IntegerField(default=0)),
                    ('lines', models.IntegerField(default=0)),
                    ('net_revenue', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ],
                options={
                    'verbose_name': 'category day',
                    'verbose_name_plural': 'category days',
                    'indexes': [models.Index(condition=models.Q(('orders__gt', 0)), fields=['category', 'customer'], include=('day',), name='category_day_of_buyer')],
                },
            ),
            migrations.CreateModel(
                name='CustomerMonth',
                fields=[
                    ('pk', models.CompositePrimaryKey('customer_id', 'month', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='shop.customer')),
                    ('month', models.DateField()),
                    ('orders', models.IntegerField()),
                    ('net_revenue', models.DecimalField(decimal_places=4, max_digits=18)),
                ],
                options={
                    'verbose_name': 'customer month',
                    'verbose_name_plural': 'customer months',
                },
            ),
            migrations.CreateModel(
                name='CustomerProfile',
                fields=[
                    ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='profile', serialize=False, to='shop.customer')),
                    ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                    ('phone', models.CharField(blank=True, max_length=32, verbose_name='phone')),
                    ('synthetic', models.BooleanField(default=False)),
                ],
                options={
                    'verbose_name': 'customer profile',
                    'verbose_name_plural': 'customer profiles',
                    'permissions': [('view_personal_data', 'Can see names and addresses of customers')],
                    'indexes': [models.Index(fields=['email'], name='profile_by_email'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('email'), 'gin_trgm_ops'), name='profile_search'), django.contrib.postgres.indexes.GinIndex(marketing_site.lib.searching.Characters('name'), condition=models.Q(django.db.models.lookups.GreaterThan(marketing_site.lib.searching.Bytes(models.F('name')), django.db.models.functions.text.Length(models.F('name')))), name='profile_name_characters'), django.contrib.postgres.indexes.GinIndex(marketing_site.lib.searching.Characters('email'), condition=models.Q(django.db.models.lookups.GreaterThan(marketing_site.lib.searching.Bytes(models.F('email')), django.db.models.functions.text.Length(models.F('email')))), name='profile_email_characters'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), 'text_pattern_ops'), name='profile_name_prefix'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('email'), 'text_pattern_ops'), name='profile_email_prefix')],
                },
            ),
            migrations.CreateModel(
                name='CustomerRfm',
                fields=[
                    ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='rfm', serialize=False, to='shop.customer')),
                    ('first_order_at', models.DateTimeField()),
                    ('last_order_at', models.DateTimeField()),
                    ('orders', models.IntegerField()),
                    ('net_revenue', models.DecimalField(decimal_places=4, max_digits=18)),
                    ('recency_score', models.PositiveSmallIntegerField(null=True)),
                    ('frequency_score', models.PositiveSmallIntegerField(null=True)),
                    ('monetary_score', models.PositiveSmallIntegerField(null=True)),
                ],
                options={
                    'verbose_name': 'customer value',
                    'verbose_name_plural': 'customer values',
                    'indexes': [models.Index(fields=['last_order_at'], name='rfm_by_last_order'), models.Index(fields=['orders'], name='rfm_by_orders'), models.Index(fields=['net_revenue'], name='rfm_by_net_revenue')],
                },
            ),
            migrations.CreateModel(
                name='DirtyKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('order', 'order'), ('new_order', 'new order'), ('customer', 'customer')], max_length=10)),
                    ('key', models.BigIntegerField()),
                    ('marked_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'verbose_name': 'roll-up to do',
                    'verbose_name_plural': 'roll-ups to do',
                    'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='dirty_once')],
                },
            ),
            migrations.CreateModel(
                name='Disclosure',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='shop.customer')),
                    ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'verbose_name': 'data export',
                    'verbose_name_plural': 'data exports',
                },
            ),
            migrations.CreateModel(
                name='Erasure',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('customer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='shop.customer')),
                    ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('at', models.DateTimeField(auto_now_add=True)),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ],
                options={
                    'verbose_name': 'erasure',
                    'verbose_name_plural': 'erasures',
                },
            ),
            migrations.CreateModel(
                name='ImportFile',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(max_length=32, verbose_name='kind')),
                    ('source', models.CharField(default='file', max_length=32, verbose_name='source')),
                    ('name', models.CharField(max_length=255, verbose_name='name')),
                    ('file', models.FileField(blank=True, upload_to=shop.models.importing.upload_path)),
                    ('sha256', models.CharField(max_length=64)),
                    ('size', models.BigIntegerField()),
                    ('format', models.CharField(blank=True, max_length=12)),
                    ('shape', models.JSONField(blank=True, default=dict)),
                    ('mapping', models.JSONField(blank=True, default=dict)),
                    ('policies', models.JSONField(blank=True, default=dict)),
                    ('mode', models.CharField(choices=[('atomic', 'all or nothing'), ('resumable', 'part by part')], default='atomic', max_length=10, verbose_name='mode')),
                    ('state', models.CharField(choices=[('received', 'received'), ('checking', 'being checked'), ('ready', 'ready to apply'), ('rejected', 'has faults'), ('applying', 'being applied'), ('applied', 'applied'), ('failed', 'stopped'), ('undoing', 'being undone'), ('undone', 'undone'), ('cancelled', 'cancelled'), ('discarded', 'discarded')], default='received', max_length=10, verbose_name='state')),
                    ('rows', models.BigIntegerField(default=0)),
                    ('new', models.BigIntegerField(default=0)),
                    ('changed', models.BigIntegerField(default=0)),
                    ('unchanged', models.BigIntegerField(default=0)),
                    ('rejected', models.BigIntegerField(default=0)),
                    ('done', models.BigIntegerField(default=0)),
                    ('total', models.BigIntegerField(default=0)),
                    ('applied_upto', models.JSONField(blank=True, default=dict)),
                    ('report', models.JSONField(blank=True, default=dict)),
                    ('problem', models.TextField(blank=True)),
                    ('cancel_requested', models.BooleanField(default=False)),
                    ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('api_key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='shop.apikey')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('checked_at', models.DateTimeField(blank=True, null=True)),
                    ('applied_at', models.DateTimeField(blank=True, null=True)),
                    ('undone_at', models.DateTimeField(blank=True, null=True)),
                    ('crashes', models.PositiveSmallIntegerField(default=0)),
                    ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('lease_token', models.UUIDField(editable=False, null=True)),
                    ('lease_until', models.DateTimeField(editable=False, null=True)),
                    ('worker', models.CharField(blank=True, max_length=100)),
                ],
                options={
                    'verbose_name': 'import',
                    'verbose_name_plural': 'imports',
                    'ordering': ['-created_at'],
                    'indexes': [models.Index(condition=models.Q(('state__in', ['checking', 'applying', 'undoing'])), fields=['not_before'], name='import_due'), models.Index(fields=['-created_at'], name='import_by_time')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['rejected', 'undone', 'cancelled', 'discarded']), _negated=True), fields=('kind', 'sha256'), name='import_once'), models.CheckConstraint(condition=models.Q(('lease_token', None), ('state__in', ['checking', 'applying', 'undoing']), _connector='OR'), name='import_leased_while_worked_on')],
                },
            ),
            migrations.CreateModel(
                name='ImportedKey',
                fields=[
                    ('pk', models.CompositePrimaryKey('file_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('file', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='shop.importfile')),
                    ('key', models.BigIntegerField()),
                ],
                options={
                    'verbose_name': 'id under way',
                    'verbose_name_plural': 'ids under way',
                },
            ),
            migrations.CreateModel(
                name='ImportedOrder',
                fields=[
                    ('pk', models.CompositePrimaryKey('file_id', 'order_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('file', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='shop.importfile')),
                    ('order_id', models.BigIntegerField()),
                    ('lines', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ],
                options={
                    'verbose_name': 'order under way',
                    'verbose_name_plural': 'orders under way',
                },
            ),
            migrations.CreateModel(
                name='ImportImage',
                fields=[
                    ('pk', models.CompositePrimaryKey('file_id', 'model', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='images', to='shop.importfile')),
                    ('model', models.CharField(max_length=64)),
                    ('key', models.BigIntegerField()),
                    ('before', models.JSONField(null=True)),
                    ('after', models.CharField(blank=True, max_length=32)),
                ],
                options={
                    'verbose_name': 'before-image',
                    'verbose_name_plural': 'before-images',
                },
            ),
            migrations.CreateModel(
                name='ImportMapping',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=32)),
                    ('source', models.CharField(max_length=32)),
                    ('header', models.CharField(max_length=64)),
                    ('shape', models.JSONField(default=dict)),
                    ('mapping', models.JSONField(default=dict)),
                    ('policies', models.JSONField(default=dict)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                ],
                options={
                    'verbose_name': 'import mapping',
                    'verbose_name_plural': 'import mappings',
                    'constraints': [models.UniqueConstraint(fields=('kind', 'source', 'header'), name='mapping_once')],
                },
            ),
            migrations.CreateModel(
                name='ImportRow',
                fields=[
                    ('pk', models.CompositePrimaryKey('file_id', 'row_no', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rejected_rows', to='shop.importfile')),
                    ('row_no', models.BigIntegerField()),
                    ('line_no', models.BigIntegerField()),
                    ('raw', models.JSONField()),
                    ('errors', models.JSONField()),
                    ('action', models.CharField(default='rejected', max_length=12)),
                ],
                options={
                    'verbose_name': 'rejected row',
                    'verbose_name_plural': 'rejected rows',
                },
            ),
            migrations.CreateModel(
                name='Lane',
                fields=[
                    ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                    ('hinted_at', models.DateTimeField(null=True)),
                    ('paused', models.BooleanField(default=False)),
                ],
                options={
                    'verbose_name': 'lane',
                    'verbose_name_plural': 'lanes',
                },
            ),
            migrations.CreateModel(
                name='Order',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('source', models.CharField(max_length=32, verbose_name='source')),
                    ('external_id', models.CharField(max_length=64, verbose_name='external id')),
                    ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='shop.customer', verbose_name='customer')),
                    ('ordered_at', models.DateTimeField(verbose_name='ordered at')),
                    ('status', models.CharField(choices=[('placed', 'placed'), ('cancelled', 'cancelled')], default='placed', max_length=10, verbose_name='status')),
                    ('coupon_codes', models.JSONField(blank=True, default=list, verbose_name='coupon codes')),
                    ('tax', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18, verbose_name='tax')),
                    ('shipping', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18, verbose_name='shipping')),
                    ('original_currency', models.CharField(blank=True, max_length=3)),
                    ('original_total', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True)),
                    ('exchange_rate', models.DecimalField(blank=True, decimal_places=8, max_digits=18, null=True)),
                    ('gross', models.DecimalField(decimal_places=4, default=Decimal('0'), editable=False, max_digits=18, verbose_name='gross')),
                    ('discount', models.DecimalField(decimal_places=4, default=Decimal('0'), editable=False, max_digits=18, verbose_name='discounts')),
                    ('refunded', models.DecimalField(decimal_places=4, default=Decimal('0'), editable=False, max_digits=18, verbose_name='refunds')),
                    ('net_revenue', models.DecimalField(decimal_places=4, default=Decimal('0'), editable=False, max_digits=18, verbose_name='net revenue')),
                ],
                options={
                    'verbose_name': 'order',
                    'verbose_name_plural': 'orders',
                    'indexes': [models.Index(fields=['customer', 'ordered_at'], name='order_by_customer'), models.Index(fields=['ordered_at'], name='order_by_time'), models.Index(condition=models.Q(('status', 'cancelled')), fields=['ordered_at'], name='order_cancelled')],
                    'constraints': [models.UniqueConstraint(fields=('source', 'external_id'), name='order_once')],
                },
            ),
            migrations.CreateModel(
                name='Product',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sku', models.CharField(max_length=64, verbose_name='SKU')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('category', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='shop.category', verbose_name='category')),
                    ('brand', models.CharField(blank=True, max_length=100, verbose_name='brand')),
                    ('description', models.TextField(blank=True, verbose_name='description')),
                    ('shop_title', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='title in the shop')),
                    ('seo_title', models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='title for search engines')),
                    ('seo_description', models.CharField(blank=True, db_default='', default='', max_length=320, verbose_name='description for search engines')),
                    ('price', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='price')),
                    ('cost', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='cost of goods')),
                    ('cost_assumed', models.BooleanField(default=False, editable=False)),
                    ('attributes', models.JSONField(blank=True, default=dict, verbose_name='attributes')),
                    ('image_url', models.URLField(blank=True, verbose_name='image address')),
                    ('active', models.BooleanField(default=True, verbose_name='active')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                ],
                options={
                    'verbose_name': 'product',
                    'verbose_name_plural': 'products',
                    'indexes': [models.Index(fields=['category', 'id'], name='product_by_category'), models.Index(fields=['name', 'id'], name='product_by_name'), models.Index(fields=['sku', 'id'], name='product_by_sku'), models.Index(fields=['updated_at', 'id'], name='product_by_change'), models.Index(django.db.models.functions.comparison.Coalesce('price', Decimal('0')), models.F('id'), name='product_by_price'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('sku'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('brand'), 'gin_trgm_ops'), name='product_search'), django.contrib.postgres.indexes.GinIndex(marketing_site.lib.searching.Characters('name'), condition=models.Q(django.db.models.lookups.GreaterThan(marketing_site.lib.searching.Bytes(models.F('name')), django.db.models.functions.text.Length(models.F('name')))), name='product_name_characters'), django.contrib.postgres.indexes.GinIndex(marketing_site.lib.searching.Characters('sku'), condition=models.Q(django.db.models.lookups.GreaterThan(marketing_site.lib.searching.Bytes(models.F('sku')), django.db.models.functions.text.Length(models.F('sku')))), name='product_sku_characters'), django.contrib.postgres.indexes.GinIndex(marketing_site.lib.searching.Characters('brand'), condition=models.Q(django.db.models.lookups.GreaterThan(marketing_site.lib.searching.Bytes(models.F('brand')), django.db.models.functions.text.Length(models.F('brand')))), name='product_brand_characters'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), 'text_pattern_ops'), name='product_name_prefix'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('sku'), 'text_pattern_ops'), name='product_sku_prefix'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('brand'), 'text_pattern_ops'), name='product_brand_prefix')],
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('sku'), name='product_sku_once', violation_error_message='Another product has this SKU.'), models.CheckConstraint(condition=models.Q(('price__gte', 0), ('cost__gte', 0)), name='product_price_and_cost_not_negative', violation_error_message='Price and cost cannot be negative.')],
                },
            ),
            migrations.CreateModel(
                name='Event',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('source', models.CharField(max_length=32)),
                    ('external_id', models.CharField(max_length=64)),
                    ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='shop.customer')),
                    ('product', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='shop.product')),
                    ('kind', models.CharField(choices=[('search', 'search'), ('view', 'view'), ('cart', 'cart'), ('coupon', 'coupon'), ('purchase', 'purchase'), ('review', 'review')], max_length=10, verbose_name='kind')),
                    ('occurred_at', models.DateTimeField(verbose_name='time')),
                    ('received_at', models.DateTimeField(auto_now_add=True)),
                    ('text', models.TextField(blank=True, verbose_name='text')),
                    ('rating', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='rating')),
                    ('synthetic', models.BooleanField(default=False)),
                ],
                options={
                    'verbose_name': 'event',
                    'verbose_name_plural': 'events',
                    'indexes': [models.Index(fields=['customer', 'kind', 'occurred_at'], name='event_by_customer'), models.Index(fields=['product', 'kind', 'occurred_at'], name='event_by_product')],
                    'constraints': [models.UniqueConstraint(fields=('source', 'external_id'), name='event_once'), models.CheckConstraint(condition=models.Q(('rating__isnull', True), models.Q(('kind', 'review'), ('rating__range', (1, 5))), _connector='OR'), name='event_rating_of_a_review_is_1_to_5')],
                },
            ),
            migrations.CreateModel(
                name='OrderLine',
                fields=[
                    ('pk', models.CompositePrimaryKey('order_id', 'line_no', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='shop.order')),
                    ('line_no', models.IntegerField()),
                    ('product', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='lines', to='shop.product')),
                    ('customer_id', models.BigIntegerField()),
                    ('ordered_at', models.DateTimeField()),
                    ('quantity', models.IntegerField()),
                    ('gross', models.DecimalField(decimal_places=4, max_digits=18)),
                    ('discount', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                    ('coupon_value', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=18)),
                ],
                options={
                    'verbose_name': 'order line',
                    'verbose_name_plural': 'order lines',
                    'indexes': [models.Index(fields=['product', 'ordered_at'], include=('order', 'quantity', 'gross', 'discount'), name='line_by_product')],
                },
            ),
            migrations.CreateModel(
                name='ProductEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='shop.product')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('id', models.BigIntegerField()),
                    ('sku', models.CharField(max_length=64, verbose_name='SKU')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='shop.category', verbose_name='category')),
                    ('brand', models.CharField(blank=True, max_length=100, verbose_name='brand')),
                    ('description', models.TextField(blank=True, verbose_name='description')),
                    ('shop_title', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='title in the shop')),
                    ('seo_title', models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='title for search engines')),
                    ('seo_description', models.CharField(blank=True, db_default='', default='', max_length=320, verbose_name='description for search engines')),
                    ('price', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='price')),
                    ('cost', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='cost of goods')),
                    ('cost_assumed', models.BooleanField(default=False, editable=False)),
                    ('attributes', models.JSONField(blank=True, default=dict, verbose_name='attributes')),
                    ('image_url', models.URLField(blank=True, verbose_name='image address')),
                    ('active', models.BooleanField(default=True, verbose_name='active')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Refund',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('source', models.CharField(max_length=32)),
                    ('external_id', models.CharField(max_length=64)),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='shop.order')),
                    ('line_no', models.IntegerField(blank=True, null=True)),
                    ('amount', models.DecimalField(decimal_places=4, max_digits=18)),
                    ('refunded_at', models.DateTimeField()),
                    ('reason', models.CharField(blank=True, max_length=200)),
                ],
                options={
                    'verbose_name': 'refund',
                    'verbose_name_plural': 'refunds',
                    'constraints': [models.UniqueConstraint(fields=('source', 'external_id'), name='refund_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_positive')],
                },
            ),
            migrations.CreateModel(
                name='SetupStep',
                fields=[
                    ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ('label', models.CharField(max_length=200)),
                    ('done', models.BigIntegerField(default=0)),
                    ('total', models.BigIntegerField(default=0)),
                    ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='waiting', max_length=10)),
                    ('detail', models.TextField(blank=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                ],
                options={
                    'verbose_name': 'set-up step',
                    'verbose_name_plural': 'set-up steps',
                },
            ),
            migrations.CreateModel(
                name='Suppression',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('address_hash', models.CharField(max_length=64)),
                    ('scope', models.CharField(choices=[('marketing', 'marketing'), ('all', 'everything')], default='marketing', max_length=10)),
                    ('reason', models.CharField(max_length=200)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'verbose_name': 'suppression',
                    'verbose_name_plural': 'suppressions',
                    'constraints': [models.UniqueConstraint(fields=('address_hash', 'scope'), name='suppression_once')],
                },
            ),
            migrations.CreateModel(
                name='WorkerBeat',
                fields=[
                    ('worker', models.CharField(max_length=100, primary_key=True, serialize=False)),
                    ('lane', models.CharField(max_length=20)),
                    ('polled_at', models.DateTimeField()),
                    ('memory_mb', models.IntegerField(default=0)),
                    ('doing', models.CharField(blank=True, max_length=100)),
                    ('model', models.CharField(blank=True, max_length=200)),
                ],
                options={
                    'verbose_name': 'worker',
                    'verbose_name_plural': 'workers',
                },
            ),
        ]),
    ]
